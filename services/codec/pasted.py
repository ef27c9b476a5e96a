"""Finds the code in what a person pasted: broken over lines, or between the words of a chat."""

from __future__ import annotations

import re

from services.codec import classic
from services.codec.classic import Reading
from services.codec.domain import TEXT_BYTES_MAX, TextDamaged, TextTooLong
from services.messages.refusals import FormatNotSupported

# The letters that a zlib header gives in Base64: RFC 1950, a window of 32 KiB and any of the four levels.
_CLASSIC = re.compile(r"e[AFJN][A-Za-z0-9+/]+={0,2}", re.ASCII)
_CLASSIC_LETTERS = re.compile(r"[A-Za-z0-9+/=]+", re.ASCII)
# The place of COMPACT: the prefix and base-36 digits, in any case.
_COMPACT = re.compile(r"CF1[0-9A-Z]+", re.ASCII | re.IGNORECASE)


def read(text: str) -> Reading:
    """Reads the one code in a pasted text. Raises TextTooLong, TextDamaged, FormatNotSupported or MalformedMessage."""
    if len(text) > TEXT_BYTES_MAX or len(text.encode()) > TEXT_BYTES_MAX:
        raise TextTooLong(
            f"text: more than {TEXT_BYTES_MAX // 1024} KiB; paste only the message, without the chat around it",
            field="text",
        )
    if _is_compact(text):
        raise FormatNotSupported("text")
    for code in _codes(text):
        try:
            return classic.read(code)
        except TextDamaged:
            continue
    raise TextDamaged


def may_be_message(text: str) -> bool:
    """Whether a text, damaged or not, has the looks of a message."""
    return _is_compact(text) or bool(_codes(text))


def _is_compact(text: str) -> bool:
    return any(_COMPACT.fullmatch(part) for part in (_without_space(text), *text.split()))


def _codes(text: str) -> list[str]:
    """What could be a CLASSIC code: the whole without white space, else its longest unbroken part that looks so."""
    parts = [part for part in _CLASSIC_LETTERS.findall(text) if _CLASSIC.fullmatch(part)]
    whole = [part for part in [_without_space(text)] if _CLASSIC.fullmatch(part)]
    return whole + sorted(parts, key=len, reverse=True)[:1]


def _without_space(text: str) -> str:
    return "".join(text.split())
