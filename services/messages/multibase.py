"""Multibase base58btc (VC Data Integrity 1.0, section 2.4), strict: one text for each value."""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_ALPHABET)}
_DIGITS = bytes.maketrans(bytes(range(58)), _ALPHABET.encode())
# The most digits that one division finds as fast as a single one.
_FIVE = 58**5


def encode(value: bytes) -> str:
    number = int.from_bytes(value, "big")
    digits = bytearray()
    add = digits.append
    while number:
        number, five = divmod(number, _FIVE)
        for _ in range(5):
            add(five % 58)
            five //= 58
    digits.reverse()
    # Each zero byte in front is the digit of zero, which is also what fills up the first five.
    zeros = len(value) - len(value.lstrip(b"\0"))
    return "z" + "1" * zeros + digits.lstrip(b"\0").translate(_DIGITS).decode()


def decode(text: str, size: int) -> bytes:
    """Reads exactly `size` bytes in their one spelling. Raises ValueError."""
    # A digit carries 5.86 bits. Measured first, since reading a long number takes quadratic time.
    if not text.startswith("z") or len(text) > size * 7 // 5 + 2:
        raise ValueError("not multibase base58btc of that size")
    number = 0
    try:
        for digit in text[1:]:
            number = number * 58 + _VALUES[digit]
    except KeyError:
        raise ValueError("not a digit of base58btc") from None
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    if zeros + (number.bit_length() + 7) // 8 != size:
        raise ValueError("not multibase base58btc of that size")
    return number.to_bytes(size, "big")
