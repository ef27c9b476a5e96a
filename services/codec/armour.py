"""The armour of COMPACT: `CF1`, the number of bytes, and the bytes as base-36 digits in blocks.

Nothing but letters and digits, so that a chat can break it, quote it and change its case, and a QR code holds it in its
alphanumeric mode. docs/compact-format.md is the specification.
"""

from __future__ import annotations

import re
from binascii import crc32
from dataclasses import dataclass

PREFIX = "CF1"
_CHECKSUM_BYTES = 4
# Two digits say how many bytes there are.
CONTENT_BYTES_MAX = 36**2 - 1 - _CHECKSUM_BYTES
BLOCK_BYTES = 20
# How often a pasted text may begin like a code before nobody looks any further.
CANDIDATES_MAX = 64

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]
# How many digits so many bytes take: the least with 36 ** digits >= 256 ** bytes.
_DIGITS_OF = [next(digits for digits in range(64) if 36**digits >= 256**size) for size in range(BLOCK_BYTES + 1)]
_BYTES_OF = {digits: size for size, digits in enumerate(_DIGITS_OF)}
_NOISE = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A text that begins like a code and is none any more; `what` is missing or wrong, for a person."""

    what: str


class Content(bytes):
    """What a code holds, and the code as `wrap` writes it."""

    text: str


def wrap(content: bytes) -> str:
    """The armoured text of some bytes, at most CONTENT_BYTES_MAX."""
    assert len(content) <= CONTENT_BYTES_MAX
    payload = content + crc32(content).to_bytes(_CHECKSUM_BYTES, "big")
    blocks = [payload[at : at + BLOCK_BYTES] for at in range(0, len(payload), BLOCK_BYTES)]
    digits = [_to_digits(int.from_bytes(block, "big"), _DIGITS_OF[len(block)]) for block in blocks]
    return PREFIX + _to_digits(len(payload), 2) + "".join(digits)


def find(text: str, candidates_max: int = CANDIDATES_MAX) -> list[Content | Damaged]:
    """What every place that begins like a code holds, as far as one looks: its content, or what is wrong with it."""
    letters = _NOISE.sub("", text).upper()
    found: list[Content | Damaged] = []
    at = letters.find(PREFIX)
    while at >= 0 and len(found) < candidates_max:
        found.append(_unwrap(letters[at + len(PREFIX) :]))
        at = letters.find(PREFIX, at + 1)
    return found


def begins(text: str) -> bool:
    """Whether a text holds the beginning of a code."""
    return PREFIX in _NOISE.sub("", text).upper()


def _unwrap(letters: str) -> Content | Damaged:
    size = int(letters[:2], 36) if len(letters) >= 2 else 0
    full, rest = divmod(size, BLOCK_BYTES)
    wanted = full * _DIGITS_OF[BLOCK_BYTES] + _DIGITS_OF[rest]
    digits = letters[2 : 2 + wanted]
    if len(digits) < wanted or size <= _CHECKSUM_BYTES:
        return Damaged(f"its end is missing: {len(digits)} of {wanted} letters are there")
    payload = bytearray()
    for at in range(0, wanted, _DIGITS_OF[BLOCK_BYTES]):
        block = digits[at : at + _DIGITS_OF[BLOCK_BYTES]]
        number, room = int(block, 36), _BYTES_OF[len(block)]
        if number >> 8 * room:
            return Damaged(f"letters {at + 6} to {at + 5 + len(block)} were changed")
        payload += number.to_bytes(room, "big")
    content, checksum = Content(payload[:-_CHECKSUM_BYTES]), payload[-_CHECKSUM_BYTES:]
    if crc32(content).to_bytes(_CHECKSUM_BYTES, "big") != checksum:
        return Damaged("some of its letters were changed, left out or doubled")
    content.text = PREFIX + letters[: 2 + wanted]
    return content


def _to_digits(number: int, count: int) -> str:
    """At most 32 digits, by halves: unrolled, since this is what writing a message costs most."""
    high, low = divmod(number, 36**16)
    (a, c), (e, g) = divmod(high, 36**8), divmod(low, 36**8)
    (a, b), (c, d), (e, f), (g, h) = divmod(a, 36**4), divmod(c, 36**4), divmod(e, 36**4), divmod(g, 36**4)
    two = _PAIRS
    digits = (
        f"{two[a // 1296]}{two[a % 1296]}{two[b // 1296]}{two[b % 1296]}"
        f"{two[c // 1296]}{two[c % 1296]}{two[d // 1296]}{two[d % 1296]}"
        f"{two[e // 1296]}{two[e % 1296]}{two[f // 1296]}{two[f % 1296]}"
        f"{two[g // 1296]}{two[g % 1296]}{two[h // 1296]}{two[h % 1296]}"
    )
    return digits[-count:]
