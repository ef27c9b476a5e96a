"""UPI links: NPCI, UPI Linking Specifications 1.6, section 1.2."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.pages.links.asked import Asked, Link, uri

_ADDRESS = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}", re.ASCII)
_NOTE_MAX = 50


def of_method(method: str, details: Mapping[str, str], asked: Asked) -> Link | None:
    address = details.get("vpa") or (details.get("address", "") if method == "UPI" else "")
    name = details.get("name") or asked.payee
    return link(address, name, amount=asked.amount_in("INR"), note=asked.description)


def link(address: str, name: str, *, amount: str = "", note: str = "") -> Link | None:
    """None for what is no virtual payment address. There is no checksum in one: the app shows whose it is."""
    if not _ADDRESS.fullmatch(address) or not name:
        return None
    return uri("upi://pay", pa=address, pn=name, tn=note if len(note) <= _NOTE_MAX else "", am=amount, cu="INR")
