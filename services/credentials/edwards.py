"""What OpenSSL leaves to its callers for strict Ed25519: it refuses S >= L itself, but takes any point for a key."""

from __future__ import annotations

_P = 2**255 - 19
_SIGN_BIT = 1 << 255
# The y coordinates of the eight points of small order (orders 1, 2, 4 and 8). Under such a key one signature fits many
# messages. RFC 8032 leaves them open; "Taming the many EdDSAs" (eprint 2020/1244), section 2.1, says why to refuse.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)


def is_strict_point(encoded: bytes) -> bool:
    """Whether 32 bytes are a point's one canonical spelling (RFC 8032, section 5.1.3) and not of small order."""
    y = int.from_bytes(encoded, "little") & ~_SIGN_BIT
    return y < _P and y not in _SMALL_ORDER_Y
