"""Contents put together by hand, piece by piece, since the writer refuses to write them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from base58 import b58decode

from services.codec.packing import Writer
from tests.vectors.compact.samples import ANA, ASKED, CLAIM_ID, SESSION
from tests.vectors.compact.signing import issue

# Its place among the currencies.
_USD = 1
_ZERO_DIGEST = bytes(32)


@dataclass(frozen=True)
class Content:
    """The pieces of a content, in order."""

    head: bytes
    issuer: bytes
    session: bytes
    id: bytes
    own_time: bytes
    place: bytes
    statement: bytes
    signature: bytes

    @property
    def bytes(self) -> bytes:
        return b"".join(getattr(self, each.name) for each in fields(self))


def number(value: int) -> bytes:
    out = Writer()
    out.number(value)
    return bytes(out.bytes)


def signed(value: int) -> bytes:
    out = Writer()
    out.signed(value)
    return bytes(out.bytes)


def text(value: str) -> bytes:
    out = Writer()
    out.text(value)
    return bytes(out.bytes)


def utf8(value: str | bytes) -> bytes:
    """A text in mode 0, whether or not another takes fewer bytes."""
    encoded = value if isinstance(value, bytes) else value.encode()
    return number(len(encoded) * 8) + encoded


def money(minor_units: int = 125050, currency: int = _USD) -> bytes:
    return number(currency) + number(minor_units)


def method(name: bytes, *details: bytes) -> bytes:
    return name + number(len(details) // 2) + b"".join(details)


def request(
    party: bytes = b"\1", amount: bytes = money(), description: bytes = text(""), methods: bytes = b"\0", ends: int = 0
) -> Content:
    return replace(_BASE, head=b"\x11\x11", statement=party + amount + description + methods + signed(ends))


def claim(party: bytes = b"\1", texts: bytes = b"") -> Content:
    return replace(_BASE, head=b"\x12\x11", statement=party + _ZERO_DIGEST + money() + texts)


def cancellation(reason: bytes = text("")) -> Content:
    return replace(_BASE, head=b"\x15\x11", statement=_ZERO_DIGEST + reason)


def letters(mode: int, value: str, alphabet: str) -> bytes:
    """A text in a mode that a writer would not choose."""
    base, total = len(alphabet), 0
    for letter in value:
        total = total * base + alphabet.index(letter)
    size = ((base ** len(value) - 1).bit_length() + 7) // 8
    return number(len(value) * 8 + mode) + total.to_bytes(size, "big")


def methods(*names: bytes) -> Content:
    return request(methods=number(len(names)) + b"".join(map(method, names)))


def one_method(*details: bytes) -> Content:
    return request(methods=b"\1" + method(text("BTC"), *details))


SIGNATURE = b58decode(issue(ASKED, ANA)["proof"]["proofValue"][1:])
_BASE = Content(
    head=b"",
    issuer=ANA.public,
    session=SESSION.bytes,
    id=signed(0) + CLAIM_ID.bytes[6:],
    own_time=b"",
    place=b"",
    statement=b"",
    signature=SIGNATURE,
)
