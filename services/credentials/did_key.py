"""did:key for Ed25519 and P-256 (did:key method 0.9, section 3; Multikey, CID 1.0, section 2.2.2)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.credentials import multibase
from services.credentials.edwards import is_strict_point

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

_SCHEME = "did:key:"
# Multicodec ed25519-pub (0xed) and p256-pub (0x1200) as unsigned varints.
_ED25519 = b"\xed\x01"
_P256 = b"\x80\x24"
_ED25519_SIZE = 2 + 32
_P256_SIZE = 2 + 33


class NotADidKey(ValueError):
    """A did:key that is misspelt, of another kind of key, or no point that a key may be."""


def to_did(key: PublicKey) -> str:
    if isinstance(key, Ed25519PublicKey):
        return _SCHEME + multibase.encode(_ED25519 + key.public_bytes_raw())
    return _SCHEME + multibase.encode(_P256 + _compressed(key))


def to_verification_method(did: str) -> str:
    """The one key of a did:key: the DID, "#", and the key again."""
    return f"{did}#{did.removeprefix(_SCHEME)}"


@lru_cache(maxsize=4096)
def key_of_method(verification_method: str) -> PublicKey:
    """The key of `did:key:z...#z...`. Raises NotADidKey, also where the two halves name different keys."""
    did = verification_method.partition("#")[0]
    if to_verification_method(did) != verification_method:
        raise NotADidKey(verification_method)
    return key_of(did)


def key_of(did: str) -> PublicKey:
    """The key that a did:key is. Raises NotADidKey."""
    try:
        text = did.removeprefix(_SCHEME) if did.startswith(_SCHEME) else ""
        # All Ed25519 keys begin with z6Mk and all P-256 keys with zDn.
        if text.startswith("z6Mk"):
            return _ed25519(multibase.decode(text, _ED25519_SIZE))
        return _p256(multibase.decode(text, _P256_SIZE))
    except ValueError:
        raise NotADidKey(did) from None


def _ed25519(multikey: bytes) -> Ed25519PublicKey:
    if not multikey.startswith(_ED25519) or not is_strict_point(multikey[2:]):
        raise ValueError("no Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(multikey[2:])


def _p256(multikey: bytes) -> EllipticCurvePublicKey:
    if not multikey.startswith(_P256):
        raise ValueError("no P-256 key")
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), multikey[2:])
    if _compressed(key) != multikey[2:]:
        raise ValueError("no P-256 key in compressed form")
    return key


def _compressed(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
