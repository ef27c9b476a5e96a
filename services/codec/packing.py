"""Numbers and texts in few bytes: the alphabet of COMPACT, as docs/compact-format.md specifies it."""

from __future__ import annotations

import re
import string
from functools import cache, lru_cache

from services.codec.words import WORDS

UTF8, WORD = 0, 1
# A text of one of these is the number that its letters are the digits of. None is larger than one after it.
ALPHABETS = {
    2: string.digits,
    3: string.digits + "abcdef",
    4: string.digits + string.ascii_uppercase,
    5: string.digits + string.ascii_lowercase,
    6: " " + string.ascii_lowercase + string.ascii_uppercase + string.digits + ".,:;-/'()&#%+!?@_",
}
# Group n matches the texts of mode n + 1.
_LETTERS = re.compile("|".join(f"([{re.escape(alphabet)}]+)" for alphabet in ALPHABETS.values()))
_VALUES = {letter: value for value, letter in enumerate(ALPHABETS[6])}
# Of these int() knows the digits.
_BASES = {2: 10, 3: 16, 4: 36, 5: 36}
# Two letters at a time halve the divisions of long numbers.
_PAIRS = {mode: [high + low for high in alphabet for low in alphabet] for mode, alphabet in ALPHABETS.items()}
_WORDS = {word: number for number, word in enumerate(WORDS)}
LETTERS_MAX = 1024
# Names, keys and accounts come again and again. No longer texts, so that the caches stay small.
_CACHED_LETTERS_MAX = 64
_CACHED_TEXTS_MAX = 4096


class Unreadable(ValueError):
    """What no reader takes: bytes that end too early, or hold something that no writer writes."""


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
        self.bytes += _cached_bytes(value) if len(value) <= _CACHED_LETTERS_MAX else _to_bytes(value)


class Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def raw(self, size: int) -> bytes:
        at = self._at
        end = at + size
        if end > len(self._data):
            raise Unreadable
        self._at = end
        return self._data[at:end]

    def number(self) -> int:
        value = shift = 0
        while self._at < len(self._data) and shift < 70:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise Unreadable

    def signed(self) -> int:
        value = self.number()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def text(self) -> str:
        header = self.number()
        count, mode = header >> 3, header & 7
        if mode == WORD and count < len(WORDS):
            return WORDS[count]
        if mode == UTF8:
            return self.raw(count).decode()
        if mode not in ALPHABETS or count > LETTERS_MAX:
            raise Unreadable
        letters = _cached_letters if count <= _CACHED_LETTERS_MAX else _to_letters
        return letters(self.raw(_size(mode, count)), mode, count)


def _to_bytes(value: str) -> bytes:
    if value in _WORDS:
        # Two bytes at most, and a word has several letters: no other mode takes fewer.
        return _header(_WORDS[value], WORD)
    count, match = len(value), _LETTERS.fullmatch(value)
    if match and match.lastindex:
        # The first alphabet that has all the letters: none of the others takes fewer bytes.
        mode = match.lastindex + 1
        if count > LETTERS_MAX:
            raise Unreadable
        size = _size(mode, count)
        if size < count:
            return _header(count, mode) + _to_number(value, mode).to_bytes(size, "big")
    encoded = value.encode()
    return _header(len(encoded), UTF8) + encoded


def _header(count: int, mode: int) -> bytes:
    out = Writer()
    out.number(count * 8 + mode)
    return bytes(out.bytes)


def _to_number(text: str, mode: int) -> int:
    if mode in _BASES:
        return int(text, _BASES[mode])
    number = 0
    for letter in text:
        number = number * len(_VALUES) + _VALUES[letter]
    return number


@cache
def _size(mode: int, count: int) -> int:
    """How many bytes the largest number of so many digits takes."""
    largest: int = len(ALPHABETS[mode]) ** count - 1
    return (largest.bit_length() + 7) // 8


def _to_letters(data: bytes, mode: int, count: int) -> str:
    number, pairs, base = int.from_bytes(data, "big"), _PAIRS[mode], len(ALPHABETS[mode])
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


_cached_bytes = lru_cache(_CACHED_TEXTS_MAX)(_to_bytes)
_cached_letters = lru_cache(_CACHED_TEXTS_MAX)(_to_letters)
