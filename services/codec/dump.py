"""Every code in what a person pasted: a whole chat, with greetings between several messages."""

from __future__ import annotations

import re

from services.codec import armour, pasted
from services.codec.domain import Reading, TextDamaged, TextTooLong
from services.runtime.refusals import Refusal

DUMP_BYTES_MAX = 1024 * 1024
CODES_MAX = 1024
_NO_LETTER = re.compile(r"[^0-9A-Za-z]+")
# CLASSIC as pasted.py knows it, and long enough to be no word: its shortest messages have some 150 letters.
_CLASSIC = re.compile(r"(?<![A-Za-z0-9+/])e[AFJN][A-Za-z0-9+/]{62,}={0,2}", re.ASCII)

Found = Reading | Refusal


def read_all(text: str) -> list[Found]:
    """What each code holds, or why it cannot be read; where there is none at all, why the text is no message."""
    if len(text) > DUMP_BYTES_MAX or len(text.encode()) > DUMP_BYTES_MAX:
        raise TextTooLong(f"text: more than {DUMP_BYTES_MAX // 1024**2} MiB; give a part of it at a time", field="text")
    found = [*_compact(_CLASSIC.sub(" ", text)), *(_read(code) for code in dict.fromkeys(_CLASSIC.findall(text)))]
    return found or [_read(text)]


def _compact(text: str) -> list[Found]:
    candidates = armour.find(text, CODES_MAX)
    if len(candidates) == CODES_MAX:
        raise TextTooLong(f"text: {CODES_MAX} codes or more; give a part of it at a time", field="text")
    whole = list(dict.fromkeys(each.text for each in candidates if isinstance(each, armour.Content)))
    # What begins like a code within a whole one is none, so only what stands between them can be damaged.
    between = re.split("|".join(whole), _NO_LETTER.sub("", text).upper()) if whole else [text]
    damaged = (each for part in between for each in armour.find(part, CODES_MAX) if isinstance(each, armour.Damaged))
    return [*map(_read, whole), *(TextDamaged(each.what) for each in damaged)]


def _read(text: str) -> Found:
    try:
        return pasted.read(text)
    except Refusal as refusal:
        return refusal
