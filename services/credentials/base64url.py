"""base64url without padding (RFC 4648, section 5; RFC 7515, section 2), strict: one text for each value."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError for padding, foreign characters and stray bits."""
    value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(value) != text:
        raise ValueError("not base64url in its one spelling")
    return value
