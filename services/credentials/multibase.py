"""Multibase base58btc (VC Data Integrity 1.0, section 2.4), strict: one text for each value."""

from __future__ import annotations

import base58


def encode(value: bytes) -> str:
    return "z" + base58.b58encode(value).decode()


def decode(text: str, size: int) -> bytes:
    """Reads exactly `size` bytes in their one spelling. Raises ValueError."""
    # A digit carries 5.86 bits. Measured first, since reading a long number takes quadratic time.
    if not text.startswith("z") or len(text) > size * 7 // 5 + 2:
        raise ValueError("not multibase base58btc of that size")
    value = base58.b58decode(text[1:])
    if len(value) != size or encode(value) != text:
        raise ValueError("not multibase base58btc of that size")
    return value
