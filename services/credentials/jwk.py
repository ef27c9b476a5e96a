"""Public keys as JSON Web Keys (RFC 7517; RFC 7518, section 6.2; RFC 8037, section 2), strict."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials import base64url
from services.credentials.edwards import is_strict_point
from services.credentials.multikey import PublicKey

_CURVES: dict[str, tuple[EllipticCurve, int]] = {
    "P-256": (SECP256R1(), 32),
    "P-384": (SECP384R1(), 48),
    "secp256k1": (SECP256K1(), 32),
}
_NAMES = {curve.name: name for name, (curve, _) in _CURVES.items()}
# The private parts of any kind of key. Whoever publishes one has lost it.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class NotAJwk(ValueError):
    """No public key of a kind read here; the sentence says why."""


def encode(key: PublicKey) -> dict[str, str]:
    """The members that RFC 7638 makes a thumbprint of, and no others."""
    if isinstance(key, Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(key.public_bytes_raw())}
    numbers, name = key.public_numbers(), _NAMES[key.curve.name]
    size = _CURVES[name][1]
    x, y = (base64url.encode(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
    return {"crv": name, "kty": "EC", "x": x, "y": y}


def decode(value: Any) -> PublicKey:
    """The key of a `publicKeyJwk`. Raises NotAJwk, also for one with its private half."""
    if not isinstance(value, dict):
        raise NotAJwk("the key is no JSON object")
    if not _PRIVATE.isdisjoint(value):
        raise NotAJwk("the key is published with its private half, so anybody may have signed with it")
    try:
        match value:
            case {"kty": "OKP", "crv": "Ed25519", "x": x}:
                return _ed25519(_bytes(x, 32))
            case {"kty": "EC", "crv": "P-256" | "P-384" | "secp256k1" as name, "x": x, "y": y}:
                curve, size = _CURVES[name]
                return _on_curve(curve, _bytes(x, size), _bytes(y, size))
    except ValueError:
        raise NotAJwk("the key is misspelt, or no point that a key may be") from None
    raise NotAJwk("the key is of a kind not read here; it takes Ed25519, P-256, P-384 or secp256k1")


def _ed25519(point: bytes) -> PublicKey:
    if not is_strict_point(point):
        raise ValueError("no Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(point)


def _on_curve(curve: EllipticCurve, x: bytes, y: bytes) -> PublicKey:
    return EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve).public_key()


def _bytes(text: Any, size: int) -> bytes:
    if not isinstance(text, str) or len(text) != (size * 4 + 2) // 3:
        raise ValueError("not a number of that size")
    return base64url.decode(text)
