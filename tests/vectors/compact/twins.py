"""Texts that look like a vector and must be refused, each for one reason."""

from __future__ import annotations

from base64 import b64encode
from binascii import crc32
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import compress

from services.codec import armour, classic, compact
from services.messages.canonical import JSON_BYTES_MAX, canonical
from tests.vectors.compact.forged import forged
from tests.vectors.compact.malformed import malformed
from tests.vectors.compact.samples import ANA, ASKED, BO, CLAIMED
from tests.vectors.compact.signing import issue
from tests.vectors.compact.torn import forged_dossiers, malformed_dossiers


@dataclass(frozen=True)
class Twin:
    """A text, what it must be refused as, and why."""

    name: str
    verdict: str
    text: str


TEXT = armour.wrap(compact.pack(issue(ASKED, ANA)))
_OTHER = armour.wrap(compact.pack(issue(CLAIMED, BO)))


def twins() -> Iterator[Twin]:
    for name, text in _DAMAGED.items():
        yield Twin(f"damaged: {name}", "damaged", text)
    for name, text in _UNSUPPORTED.items():
        yield Twin(f"unsupported: {name}", "unsupported", text)
    yield Twin("malformed: two messages", "malformed", f"{TEXT} {_OTHER}")
    for name, text in _BESIDE_CLASSIC.items():
        yield Twin(f"malformed: {name}", "malformed", text)
    for name, content in malformed():
        yield Twin(f"malformed: {name}", "malformed", armour.wrap(content))
    for name, content in forged():
        yield Twin(f"forged: {name}", "forged", armour.wrap(content))
    for name, content in malformed_dossiers():
        yield Twin(f"malformed dossier: {name}", "malformed", armour.wrap(content))
    for name, content in forged_dossiers():
        yield Twin(f"forged dossier: {name}", "forged", armour.wrap(content))


def _with_checksum(payload: bytes) -> str:
    """The armour of bytes whose last four are taken for the checksum, whatever they are."""
    text = armour.wrap(payload[:-4])
    assert crc32(payload[:-4]).to_bytes(4, "big") != payload[-4:]
    last = len(payload) % 20 or 20
    digits = next(count for count in range(64) if 36**count >= 256**last)
    number, found = int.from_bytes(payload[-last:], "big"), ""
    for _ in range(digits):
        number, digit = divmod(number, 36)
        found = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + found
    return text[:-digits] + found


_CONTENT = compact.pack(issue(ASKED, ANA))
_DAMAGED = {
    "nothing": "",
    "no code": "I have paid, thank you",
    "nothing but the prefix": "CF1",
    "half of a size": "CF15",
    "no content": "CF1040000000",
    "cut to a half": TEXT[: len(TEXT) // 2],
    "the last letter is missing": TEXT[:-1],
    "two letters swapped": TEXT[:100] + TEXT[101] + TEXT[100] + TEXT[102:],
    "one letter changed": TEXT[:200] + ("A" if TEXT[200] != "A" else "B") + TEXT[201:],
    "one letter twice": TEXT[:150] + TEXT[150] + TEXT[150:],
    "one letter left out, another after it": TEXT[:150] + TEXT[151:] + "A",
    "a block that is too large": TEXT[:36] + "Z" * 31 + TEXT[67:],
    "a wrong checksum": _with_checksum(_CONTENT + bytes(4)),
    "a checksum with its bytes reversed": _with_checksum(_CONTENT + crc32(_CONTENT).to_bytes(4, "little")),
    "after sixty-four beginnings": "CF1" * 64 + TEXT,
}
_CLASSIC = classic.write(canonical(issue(CLAIMED, BO)).decode())
_BESIDE_CLASSIC = {
    "a CLASSIC message after it": f"{TEXT}\n{_CLASSIC}",
    "a CLASSIC message before it, in a sentence": f"Not this: {_CLASSIC}, but this: {TEXT}",
    "the same message in CLASSIC": f"{TEXT} {classic.write(canonical(issue(ASKED, ANA)).decode())}",
    "a CLASSIC message of no meaning": f"{TEXT} {b64encode(compress(b'{}')).decode()}",
    "beside more than a message unpacks to": f"{TEXT} {b64encode(compress(bytes(JSON_BYTES_MAX + 1))).decode()}",
}
_UNSUPPORTED = {
    "a later armour": "CF2" + TEXT[3:],
    "a later template": armour.wrap(bytes([0x21]) + _CONTENT[1:]),
    "a later template, with nothing of the known one": armour.wrap(bytes([0xF0, 0xFF])),
}
