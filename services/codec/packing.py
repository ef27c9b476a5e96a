"""Numbers and texts in few bytes: the alphabet of COMPACT, as docs/compact-format.md specifies it."""

from __future__ import annotations

import string
from functools import cache

from services.codec.words import WORDS

UTF8, WORD = 0, 1
# A text of one of these is the number that its letters are the digits of.
ALPHABETS = {
    2: string.digits,
    3: string.digits + "abcdef",
    4: string.digits + string.ascii_uppercase,
    5: string.digits + string.ascii_lowercase,
    6: " " + string.ascii_lowercase + string.ascii_uppercase + string.digits + ".,:;-/'()&#%+!?@_",
}
_DIGITS = {mode: {letter: value for value, letter in enumerate(alphabet)} for mode, alphabet in ALPHABETS.items()}
_WORDS = {word: number for number, word in enumerate(WORDS)}
LETTERS_MAX = 1024


class Unreadable(ValueError):
    """The bytes end too early, or hold something that no writer writes."""


class Writer:
    def __init__(self) -> None:
        self.bytes = bytearray()

    def raw(self, value: bytes) -> None:
        self.bytes += value

    def number(self, value: int) -> None:
        """Seven bits a byte, the lowest first; the highest bit says that more follow."""
        while value > 127:
            self.bytes.append(value & 127 | 128)
            value >>= 7
        self.bytes.append(value)

    def signed(self, value: int) -> None:
        """0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..."""
        self.number(value * 2 if value >= 0 else -value * 2 - 1)

    def text(self, value: str) -> None:
        """In the mode that takes the fewest bytes; of several, the one with the lowest number."""
        best = min(_modes(value), key=lambda each: len(each))
        self.bytes += best


class Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def raw(self, size: int) -> bytes:
        if size > self.left:
            raise Unreadable
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            (byte,) = self.raw(1)
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Unreadable

    def signed(self) -> int:
        value = self.number()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def text(self) -> str:
        count, mode = divmod(self.number(), 8)
        if mode == WORD and count < len(WORDS):
            return WORDS[count]
        if mode == UTF8:
            return self.raw(count).decode()
        if mode not in ALPHABETS or count > LETTERS_MAX:
            raise Unreadable
        number = int.from_bytes(self.raw(_size(len(ALPHABETS[mode]), count)), "big")
        return _letters(number, ALPHABETS[mode], count)


def _modes(value: str) -> list[bytes]:
    """The text in every mode that can hold it, in the order of the modes' numbers."""
    encoded = value.encode()
    found = [_headed(len(encoded), UTF8, encoded)]
    if value in _WORDS:
        found.append(_headed(_WORDS[value], WORD, b""))
    for mode, digits in _DIGITS.items():
        if value and digits.keys() >= set(value):
            number = 0
            for letter in value:
                number = number * len(digits) + digits[letter]
            found.append(_headed(len(value), mode, number.to_bytes(_size(len(digits), len(value)), "big")))
    return found


def _headed(count: int, mode: int, content: bytes) -> bytes:
    writer = Writer()
    writer.number(count * 8 + mode)
    return bytes(writer.bytes) + content


@cache
def _size(base: int, count: int) -> int:
    """How many bytes the largest number of so many digits takes."""
    largest: int = base**count - 1
    return (largest.bit_length() + 7) // 8


def _letters(number: int, alphabet: str, count: int) -> str:
    letters = []
    for _ in range(count):
        number, digit = divmod(number, len(alphabet))
        letters.append(alphabet[digit])
    if number:
        raise Unreadable
    return "".join(reversed(letters))
