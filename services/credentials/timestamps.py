"""Instants as foreign documents write them: XSD dateTimeStamp (XML Schema 1.1, part 2, section 3.4.28)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_STAMP = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)"
    r"(?:\.(\d{1,20}))?"
    r"(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))",
    re.ASCII,
)
# No stamp has more, and what is no stamp is not remembered at any length.
_LETTERS_MAX = 46
_NO_STAMP = "not an instant with its offset from UTC, as in 2026-01-31T12:00:00Z"


def read(value: Any) -> datetime:
    """An instant with its offset, fractions beyond microseconds cut off. Raises ValueError.

    Years before 1 and after 9999, and 24:00:00, are legal in XSD and read by nobody; they are refused.
    """
    if not isinstance(value, str) or len(value) > _LETTERS_MAX:
        raise ValueError(_NO_STAMP)
    return _read(value)


# What is looked at together is dated alike.
@lru_cache(256)
def _read(value: str) -> datetime:
    found = _STAMP.fullmatch(value)
    if not found:
        raise ValueError(_NO_STAMP)
    seconds, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{seconds}.{(fraction or '')[:6]:0<6}{offset}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant beyond the years 1 to 9999") from None
