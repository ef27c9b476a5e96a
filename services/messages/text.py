"""Texts from strangers: one line, bounded, and nothing in them that hides or reorders what a person reads."""

from __future__ import annotations

import re
import unicodedata

from services.messages.refusals import InvalidText

# Every invisible or directional character is refused, but for those that shape the one before them, which Persian,
# Indic scripts, Mongolian and emoji need. What this Python's Unicode does not know yet is not refused: a receipt with a
# new emoji must be read everywhere.
_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
_SHAPING = f"\u180b-\u180d\u180f{_JOINERS}\ufe0e\ufe0f"
# Of other categories, and drawn as nothing: Default_Ignorable_Code_Point, the empty Braille cell, the empty note.
_BLANK = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\ufe00-\ufe0d\uffa0\ufff0-\ufff8\U0001d159\U000e0000-\U000e0fff"
)
# Beside ASCII a shaping character has nothing to shape but the ten digits, # and * that make a keycap.
_REFUSED = re.compile(rf"[{_BLANK}]|(?:^|[\0-\x7f])(?!(?<=[0-9#*])\ufe0f\u20e3)[{_SHAPING}]")


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
    if _REFUSED.search(value) or any(
        unicodedata.category(char) in _CATEGORIES and char not in _JOINERS for char in value
    ):
        raise InvalidText(
            f"{field}: holds a control, directional or invisible character; give one line of plain text", field=field
        )
    if not unicodedata.is_normalized("NFC", value):
        raise InvalidText(f"{field}: not in Unicode form NFC; normalise it first", field=field)
    return len(value.encode())
