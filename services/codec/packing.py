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
_VALUES = {mode: {letter: value for value, letter in enumerate(alphabet)} for mode, alphabet in ALPHABETS.items()}
# Of these int() knows the digits.
_BASES = {2: 10, 3: 16, 4: 36, 5: 36}
# Two letters at a time halve the divisions of long numbers.
_PAIRS = {mode: [high + low for high in alphabet for low in alphabet] for mode, alphabet in ALPHABETS.items()}
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
        encoded = value.encode()
        sizes = {UTF8: _header_size(len(encoded)) + len(encoded)}
        if value in _WORDS:
            sizes[WORD] = _header_size(_WORDS[value])
        letters = set(value)
        for mode, values in _VALUES.items():
            if letters and letters <= values.keys():
                sizes[mode] = _header_size(len(value)) + _size(len(values), len(value))
        mode = min(sizes, key=sizes.__getitem__)
        if mode == UTF8:
            self.number(len(encoded) * 8 + mode)
            self.bytes += encoded
        elif mode == WORD:
            self.number(_WORDS[value] * 8 + mode)
        else:
            self.number(len(value) * 8 + mode)
            self.bytes += _to_number(value, mode).to_bytes(_size(len(_VALUES[mode]), len(value)), "big")


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
        return _to_letters(number, mode, count)


def _header_size(count: int) -> int:
    """How many bytes the number before a text takes, which has its mode in the lowest three bits."""
    return max(1, -(-(count.bit_length() + 3) // 7))


def _to_number(text: str, mode: int) -> int:
    if mode in _BASES:
        return int(text, _BASES[mode])
    values, number = _VALUES[mode], 0
    for letter in text:
        number = number * len(values) + values[letter]
    return number


@cache
def _size(base: int, count: int) -> int:
    """How many bytes the largest number of so many digits takes."""
    largest: int = base**count - 1
    return (largest.bit_length() + 7) // 8


def _to_letters(number: int, mode: int, count: int) -> str:
    pairs, base = _PAIRS[mode], len(ALPHABETS[mode])
    found = []
    for _ in range(count // 2):
        number, pair = divmod(number, base * base)
        found.append(pairs[pair])
    if count % 2:
        number, digit = divmod(number, base)
        found.append(ALPHABETS[mode][digit])
    if number:
        raise Unreadable
    return "".join(reversed(found))
