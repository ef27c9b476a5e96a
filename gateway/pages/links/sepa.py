"""The QR code of a SEPA credit transfer, "GiroCode": EPC069-12 of the European Payments Council, version 002.

It is a picture only: no link is defined for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from gateway.pages.links.asked import Asked, Link

PAYLOAD_BYTES_MAX = 331
_NAME_MAX, _TEXT_MAX = 70, 140
_AMOUNT_MAX = Decimal("999999999.99")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}", re.ASCII)
# Only within the European Economic Area may the BIC be left out.
_AREA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"


def of_method(_: str, details: Mapping[str, str], asked: Asked) -> Link | None:
    """Whatever the method is called: an IBAN is one. The remittance text is `reference`, or else the description."""
    if asked.currency == "EUR" and Decimal(asked.amount) > _AMOUNT_MAX:
        return None
    code = code_of(
        details.get("name") or asked.payee,
        details.get("iban", ""),
        amount=asked.amount_in("EUR"),
        bic=details.get("bic", ""),
        remittance=details.get("reference") or asked.description,
    )
    return Link(code, None) if code else None


def code_of(name: str, iban: str, *, amount: str = "", bic: str = "", remittance: str = "") -> str | None:
    """None for what no bank would take. `remittance` is structured when it is a creditor reference (ISO 11649)."""
    iban, bic = _packed(iban), _packed(bic)
    if not name or len(name) > _NAME_MAX or not _are_lines(name, remittance) or not _is_reachable(iban, bic):
        return None
    reference, text = (_packed(remittance), "") if is_creditor_reference(remittance) else ("", remittance)
    for words in (text, ""):  # Without it rather than cut short, since that may be another reference.
        lines = ["BCD", "002", "1", "SCT", bic, name, iban, f"EUR{amount}" if amount else "", "", reference, words]
        code = "\n".join(lines).rstrip("\n")
        if len(words) <= _TEXT_MAX and len(code.encode()) <= PAYLOAD_BYTES_MAX:
            return code
    return None


def is_iban(iban: str) -> bool:
    """ISO 13616: the first four letters moved to the end, letters as numbers from 10, modulo 97."""
    return bool(_IBAN.fullmatch(iban)) and _modulo_97(iban[4:] + iban[:4]) == 1


def is_creditor_reference(text: str) -> bool:
    packed = _packed(text)
    return bool(_CREDITOR_REFERENCE.fullmatch(packed)) and _modulo_97(packed[4:] + packed[:4]) == 1


def _is_reachable(iban: str, bic: str) -> bool:
    return is_iban(iban) and (bool(_BIC.fullmatch(bic)) if bic else iban[:2] in _AREA)


def _packed(text: str) -> str:
    return text.replace(" ", "").upper()


def _modulo_97(text: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in text)) % 97


def _are_lines(*texts: str) -> bool:
    """A line break in a text would begin another field."""
    return all(unicodedata.category(letter) not in ("Cc", "Zl", "Zp") for text in texts for letter in text)
