"""Finds the code in what a person pasted: broken over lines, quoted, or between the words of a chat."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.codec import armour, classic, compact, dossier
from services.codec.armour import Content, Damaged
from services.codec.domain import (
    TEXT_BYTES_MAX,
    ForeignQrCode,
    NoQrCode,
    Reading,
    SeveralQrCodes,
    TextDamaged,
    TextFormat,
    TextTooLong,
)
from services.messages.canonical import canonical
from services.messages.document import Document
from services.messages.refusals import FormatNotSupported, MalformedMessage

# The letters that a zlib header gives in Base64: RFC 1950, a window of 32 KiB and any of the four levels.
_CLASSIC = re.compile(r"e[AFJN][A-Za-z0-9+/]+={0,2}", re.ASCII)
_CLASSIC_LETTERS = re.compile(r"[A-Za-z0-9+/=]+", re.ASCII)
_CLASSIC_PARTS_MAX = 16
# Our prefix with a later number, and enough after it to be no word.
_NEWER = re.compile(r"CF[2-9][0-9A-Z]{60,}", re.ASCII | re.IGNORECASE)


def read(text: str) -> Reading:
    """Reads the one code in a pasted text. Raises TextTooLong, TextDamaged, FormatNotSupported or MalformedMessage."""
    if len(text) > TEXT_BYTES_MAX or len(text.encode(errors="surrogatepass")) > TEXT_BYTES_MAX:
        raise TextTooLong(
            f"text: more than {TEXT_BYTES_MAX // 1024} KiB; paste only the message, without the chat around it",
            field="text",
        )
    classics, places = _classics(text), armour.find(text)
    whole = dict.fromkeys(each for each in places if isinstance(each, Content))
    # One who reads the other of two would be told of another payment.
    if len(classics) + len(whole) > 1:
        raise MalformedMessage("it holds several messages; paste one at a time")
    for reading in classics:
        return reading
    for content in whole:
        return _read_content(content)
    if _is_newer(text):
        raise FormatNotSupported
    for each in places:
        if isinstance(each, Damaged):
            raise TextDamaged(each.what)
    raise TextDamaged


def in_picture(texts: Sequence[str]) -> str:
    """The one code among the texts that a picture shows. Raises NoQrCode, SeveralQrCodes or ForeignQrCode."""
    if not texts:
        raise NoQrCode
    if len(texts) > 1:
        raise SeveralQrCodes
    if not may_be_message(texts[0]):
        raise ForeignQrCode
    return texts[0]


def may_be_message(text: str) -> bool:
    """Whether a text, damaged or not, has the looks of a message."""
    return armour.begins(text) or bool(_classic_codes(text)) or _is_newer(text)


def _classics(text: str) -> list[Reading]:
    """The CLASSIC messages in it, each once. Raises why the first that is whole cannot be read."""
    found: dict[str, Reading] = {}
    for code in _classic_codes(text):
        try:
            reading = classic.read(code)
        except TextDamaged:
            continue
        except (MalformedMessage, FormatNotSupported):
            if found:
                continue
            raise
        found[reading.credential or reading.text] = reading
    return list(found.values())


def _read_content(content: Content) -> Reading:
    if not dossier.holds(content):
        message, vc = compact.unpack(content)
        return Reading(TextFormat.COMPACT, content.text, message, _to_json(vc))
    conversation = dossier.unpack(content)
    credentials = tuple(_to_json(vc) for _, vc in conversation)
    return Reading(TextFormat.COMPACT, content.text, conversation[-1][0], credentials[-1], dossier=credentials)


def _to_json(vc: Document) -> str:
    """As its issuer wrote it."""
    return canonical(vc).decode()


def _is_newer(text: str) -> bool:
    return any(_NEWER.fullmatch(part) for part in (_without_space(text), *text.split()))


def _classic_codes(text: str) -> list[str]:
    """What could be a CLASSIC code: the whole without white space, and the longest unbroken parts that look so."""
    parts = [part for part in _CLASSIC_LETTERS.findall(text) if _CLASSIC.fullmatch(part)]
    whole = [part for part in [_without_space(text)] if _CLASSIC.fullmatch(part)]
    return whole + sorted(parts, key=len, reverse=True)[:_CLASSIC_PARTS_MAX]


def _without_space(text: str) -> str:
    return "".join(text.split())
