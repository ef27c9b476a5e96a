"""Public keys as Multikey texts (CID 1.0, section 2.2.2): Ed25519, P-256, P-384 and secp256k1, each in one spelling."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.credentials.edwards import is_strict_point
from services.messages import multibase

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

# Multicodec ed25519-pub (0xed), p256-pub (0x1200), p384-pub (0x1201) and secp256k1-pub (0xe7) as unsigned varints.
_ED25519 = b"\xed\x01"
_CODECS = {"secp256r1": b"\x80\x24", "secp384r1": b"\x81\x24", "secp256k1": b"\xe7\x01"}
_CURVES: dict[bytes, tuple[EllipticCurve, int]] = {
    b"\x80\x24": (SECP256R1(), 33),
    b"\x81\x24": (SECP384R1(), 49),
    b"\xe7\x01": (SECP256K1(), 33),
}
# All keys of a kind begin with the same digits.
_SIZES = {"z6Mk": 2 + 32, "zDn": 2 + 33, "z82L": 2 + 49, "zQ3s": 2 + 33}


class NotAMultikey(ValueError):
    """A text that is misspelt, of another kind of key, or no point that a key may be."""


def encode(key: PublicKey) -> str:
    """`z6Mk...`, `zDn...`, `z82L...` or `zQ3s...`."""
    if isinstance(key, Ed25519PublicKey):
        return multibase.encode(_ED25519 + key.public_bytes_raw())
    return multibase.encode(_CODECS[key.curve.name] + _compressed(key))


def decode(text: str) -> PublicKey:
    """The key that a `publicKeyMultibase` or the last part of a did:key is. Raises NotAMultikey."""
    try:
        size = next(size for start, size in _SIZES.items() if text.startswith(start))
        value = multibase.decode(text, size)
        return _ed25519(value[2:]) if value.startswith(_ED25519) else _on_curve(value)
    except (StopIteration, KeyError, ValueError, AttributeError):
        raise NotAMultikey(text) from None


def _ed25519(point: bytes) -> Ed25519PublicKey:
    if not is_strict_point(point):
        raise ValueError("no Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(point)


def _on_curve(value: bytes) -> EllipticCurvePublicKey:
    curve, size = _CURVES[value[:2]]
    point = value[2:]
    key = EllipticCurvePublicKey.from_encoded_point(curve, point)
    if len(point) != size or _compressed(key) != point:
        raise ValueError("no point in compressed form")
    return key


def _compressed(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
