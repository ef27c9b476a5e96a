"""What every kind of link is made from, and how values are written into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says besides its methods."""

    # In the payee's words; empty where the payee is a DID.
    payee: str
    # A canonical decimal number, and its currency.
    amount: str
    currency: str
    description: str

    def amount_in(self, currency: str) -> str:
        """Without trailing zeros; empty when another currency is asked for, since nothing is converted here."""
        if self.currency != currency:
            return ""
        return self.amount.rstrip("0").rstrip(".") if "." in self.amount else self.amount


@dataclass(frozen=True, slots=True)
class Link:
    # What the QR code holds.
    code: str
    # What a tap opens. None where only a picture is defined.
    url: str | None


def wallet_of(details: Mapping[str, str]) -> str:
    return details.get("wallet") or details.get("address") or ""


def uri(head: str, **parameters: str) -> Link:
    """A URI with the parameters that are not empty, percent-encoded (RFC 3986), so that none can become two."""
    query = "&".join(f"{name}={quote(value, safe='@')}" for name, value in parameters.items() if value)
    whole = f"{head}?{query}" if query else head
    return Link(whole, whole)
