"""The documents that the peers and we show each other: drawn at random, and the same ones in every run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, TypeVar
from unicodedata import category, normalize
from uuid import UUID

from services.messages.currencies import DECIMALS
from services.messages.document import Document, to_document
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
    Statement,
)
from services.messages.money import MINOR_UNITS_MAX, Money
from services.messages.refusals import InvalidText
from services.messages.text import one_line

SEED = 20261001
MESSAGES_OF_A_KIND = 40
CREDENTIALS = 100
CREATED = "2026-10-01T12:00:00Z"
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://example.org/anything/v1"]
TERMS = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"]
# What every reader of JSON takes for the same number: beyond, JavaScript rounds and we refuse.
_SAFE = 2**53 - 1
_T = TypeVar("_T")
# Messages are issued in the 22 centuries after the first of these, and requests expire in those after the other.
_FIRST, _LATER = datetime(1970, 1, 1, tzinfo=UTC), datetime(5000, 1, 1, tzinfo=UTC)
# Latin, Greek, Arabic, Devanagari, symbols, Chinese, emoji, and all there is.
_SCRIPTS = [(0x20, 0x7E), (0xA0, 0x3FF), (0x600, 0x6FF), (0x900, 0x97F), (0x2000, 0x2BFF), (0x4E00, 0x9FFF)]
_SCRIPTS += [(0x1F300, 0x1FAFF), (0, 0xFFFF), (0, 0x10FFFF)]
# Escapes, line ends of one language but not of another, a byte order mark, two spellings of one letter.
_TEXTS = ["", '"\\/\b\f\n\r\t', "\0\x1f\x7f\x80", "\u2028\u2029\ufeff", "e\u0301 \u00e9", "\ud7ff\ue000\U0010ffff"]
# JavaScript sorts keys by UTF-16 code units, by which the second of these comes before the first.
_KEYS = ["\ufb33", "\U0001f600", "__proto__", "constructor", "toJSON", "", "1", "10", "2", "é", "e\u0301"]
_NUMBERS = [0, -0.0, 0.1, 1.0, 1e-7, 1e-6, 5e-324, 2.5, -1.5e-9, _SAFE, -_SAFE, 1 / 3, 123456789.125, 4.35]


@cache
def messages(issuer: str) -> list[Message]:
    """As many of each of the five kinds, all by that issuer."""
    drawing = _Drawing(SEED)
    kinds = (drawing.request, drawing.claim, drawing.acknowledgement, drawing.rejection, drawing.cancellation)
    return [drawing.message(issuer, kind) for kind in kinds for _ in range(MESSAGES_OF_A_KIND)]


@cache
def credentials(issuer: str) -> list[Document]:
    """Credentials about anything at all, with whatever JSON has in keys and values."""
    drawing = _Drawing(SEED)
    return [drawing.credential(issuer) for _ in range(CREDENTIALS)]


@cache
def graphs(issuer: str) -> list[Document]:
    """Credentials that JSON-LD can express: every word is some term, with or without more things under it."""
    drawing = _Drawing(SEED)
    return [drawing.graph(issuer) for _ in range(CREDENTIALS)]


def documents(issuer: str) -> list[Document]:
    """300 of them, unsigned: the messages, then the credentials."""
    return [*map(to_document, messages(issuer)), *credentials(issuer)]


class _Drawing:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def credential(self, issuer: str) -> Document:
        return {
            "@context": CONTEXTS,
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"id": f"urn:uuid:{self._uuid()}", **self._entries(depth=3)},
        }

    def graph(self, issuer: str) -> Document:
        return {
            "@context": TERMS,
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"id": f"urn:uuid:{self._uuid()}", **self._nodes(depth=3)},
        }

    def message(self, issuer: str, kind: Callable[[], Statement]) -> Message:
        while True:
            try:
                return Message(self._uuid(), self._uuid(), issuer, self._instant(_FIRST), kind())
            except InvalidText:  # Each text is valid, but they are too long together.
                continue

    def request(self) -> Request:
        names = {self._line(64) for _ in range(self._random.randint(0, 3))}
        offered = tuple(PaymentMethod(name, self._details()) for name in sorted(names))
        return Request(self._party(), self._money(), self._maybe(self._line, 512) or "", offered, self._instant(_LATER))

    def claim(self) -> Claim:
        named = {self._random.choice(["method", "custom_method"]): self._maybe(self._line, 64)}
        payer, evidence = self._maybe(self._party), self._maybe(self._line, 512)
        return Claim(self._bytes(32), self._money(), payer, evidence, **named)

    def acknowledgement(self) -> Acknowledgement:
        return Acknowledgement(self._uuid(), self._bytes(32), self._money())

    def rejection(self) -> Rejection:
        return Rejection(self._uuid(), self._bytes(32), self._maybe(self._line, 256) or "")

    def cancellation(self) -> Cancellation:
        return Cancellation(self._bytes(32), self._maybe(self._line, 256) or "")

    def _maybe(self, draw: Callable[..., _T], *arguments: Any) -> _T | None:
        return draw(*arguments) if self._random.random() < 0.7 else None

    def _party(self) -> Party:
        dids = [f"did:web:{self._uuid()}.example", "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"]
        return Party(self._random.choice([*dids, "@" + self._line(127)]))

    def _money(self) -> Money:
        digits = self._random.randint(1, len(str(MINOR_UNITS_MAX)) - 1)
        return Money(self._random.randint(1, 10**digits), self._random.choice(sorted(DECIMALS)))

    def _details(self) -> dict[str, str]:
        keys = self._random.sample(["iban", "bic", "wallet", "note_1", "x", "0"], self._random.randint(0, 3))
        return {key: self._line(60) for key in keys}

    def _instant(self, since: datetime) -> datetime:
        return since + timedelta(seconds=self._random.randrange(2**36))

    def _uuid(self) -> UUID:
        return UUID(bytes=self._bytes(16))

    def _bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def _line(self, bytes_max: int) -> str:
        """One line of any script, not empty."""
        while True:
            shown = (each for each in self._text() if category(each) not in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
            with suppress(InvalidText):
                return one_line(normalize("NFC", "".join(shown)).strip(), "text", bytes_max)

    def _text(self) -> str:
        if self._random.random() < 0.2:
            return self._random.choice(_TEXTS)
        first, last = self._random.choice(_SCRIPTS)
        points = (self._random.randint(first, last) for _ in range(self._random.randint(1, 40)))
        return "".join(chr(point) for point in points if not 0xD800 <= point <= 0xDFFF)

    def _entries(self, depth: int) -> dict[str, Any]:
        return {self._key(): self._value(depth - 1) for _ in range(self._random.randint(1, 6))}

    def _key(self) -> str:
        return self._random.choice(_KEYS) if self._random.random() < 0.3 else self._text()

    def _value(self, depth: int) -> Any:
        match self._random.randrange(8 if depth else 6):
            case 0:
                return self._random.choice([None, True, False, [], {}])
            case 1:
                return self._random.randint(-_SAFE, _SAFE) >> self._random.randrange(53)
            case 2:
                return self._random.choice(_NUMBERS)
            case 3:
                return self._random.uniform(-1, 1) * 10 ** self._random.randint(-9, 15)
            case 6:
                return [self._value(depth - 1) for _ in range(self._random.randrange(5))]
            case 7:
                return self._entries(depth)
            case _:
                return self._text()

    def _nodes(self, depth: int) -> dict[str, Any]:
        names = ["knows", "ärger", "price", "a", "b", "c", "d-1", "名"]
        return {name: self._node(depth - 1) for name in self._random.sample(names, self._random.randint(1, 5))}

    def _node(self, depth: int) -> Any:
        match self._random.randrange(7 if depth else 5):
            case 0:
                return self._random.choice([True, False])
            case 1:
                return self._random.randint(-_SAFE, _SAFE) >> self._random.randrange(53)
            case 2:
                # Without those that jsonld.js takes for integers: see test_rdfc.
                return self._random.choice([number for number in _NUMBERS if number not in (1e-7, 5e-324)])
            case 5:
                return [self._node(depth - 1) for _ in range(self._random.randint(1, 4))]
            case 6:
                return self._nodes(depth)
            case _:
                # Without those that PyLD does not escape: see test_rdfc.
                return "".join(each for each in self._text() if each in "\t\n\r" or category(each) != "Cc")
