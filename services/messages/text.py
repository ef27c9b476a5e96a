"""Texts from strangers: one line, bounded, and nothing in them that hides or reorders what a person reads."""

from __future__ import annotations

import unicodedata

from services.messages.refusals import InvalidText

# Joiners that Persian, Indic scripts and emoji need; every other invisible or directional character is refused. What
# this Python's Unicode does not know yet is not: a receipt with a new emoji must be read everywhere.
_JOINERS = {"\u200c", "\u200d"}
_REFUSED = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def one_line(value: str, field: str, bytes_max: int, *, empty: bool = False) -> str:
    """Returns the text if it is in Unicode NFC, printable and within its bounds. Raises InvalidText."""
    if not value and not empty:
        raise InvalidText(f"{field}: empty; give a text of 1 to {bytes_max} bytes", field=field)
    if value.isascii() and value.isprintable():
        size = len(value)
    else:
        size = _size(value, field, bytes_max)
    if size > bytes_max:
        raise InvalidText(f"{field}: {size} bytes; give at most {bytes_max}", field=field)
    if value != value.strip():
        raise InvalidText(f"{field}: begins or ends with a space; leave it out", field=field)
    return value


def _size(value: str, field: str, bytes_max: int) -> int:
    if len(value) > bytes_max:  # Measured first, so that a text of megabytes costs nothing.
        return len(value)
    if any(unicodedata.category(char) in _REFUSED and char not in _JOINERS for char in value):
        raise InvalidText(
            f"{field}: holds a control, directional or invisible character; give one line of plain text", field=field
        )
    if not unicodedata.is_normalized("NFC", value):
        raise InvalidText(f"{field}: not in Unicode form NFC; normalise it first", field=field)
    return len(value.encode())
