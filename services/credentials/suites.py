"""The signatures of the two cryptosuites: 64 raw bytes over SHA-256 hashes, of Ed25519 or of ECDSA on P-256."""

from __future__ import annotations

from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_p256
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.credentials.did_key import PublicKey
from services.credentials.edwards import is_strict_point

Cryptosuite = Literal["eddsa-jcs-2022", "ecdsa-jcs-2019"]
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey

EDDSA: Cryptosuite = "eddsa-jcs-2022"
ECDSA_P256: Cryptosuite = "ecdsa-jcs-2019"
SIGNATURE_SIZE = 64

# RFC 6979, so that a message signed again after a crash gives the same bytes.
_SIGNING = ECDSA(SHA256(), deterministic_signing=True)
_VERIFYING = ECDSA(SHA256())
# FIPS 186-5, the order of P-256.
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def generate(cryptosuite: Cryptosuite) -> PrivateKey:
    return Ed25519PrivateKey.generate() if cryptosuite == EDDSA else generate_p256(SECP256R1())


def to_secret(key: PrivateKey) -> bytes:
    """The 32 bytes to wrap: Ed25519's seed or P-256's scalar."""
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(32, "big")


def from_secret(cryptosuite: Cryptosuite, secret: bytes) -> PrivateKey:
    if cryptosuite == EDDSA:
        return Ed25519PrivateKey.from_private_bytes(secret)
    return derive_private_key(int.from_bytes(secret, "big"), SECP256R1())


def sign(key: PrivateKey, data: bytes) -> bytes:
    """64 bytes, the same for the same data; of ECDSA's two signatures the one with low S."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(data)
    r, s = decode_dss_signature(key.sign(data, _SIGNING))
    return r.to_bytes(32, "big") + min(s, _N - s).to_bytes(32, "big")


def fits(cryptosuite: str, key: PublicKey) -> bool:
    return cryptosuite == (EDDSA if isinstance(key, Ed25519PublicKey) else ECDSA_P256)


def holds(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether a signature of 64 bytes is the key's.

    High S is read, although never written: FIPS 186-5 and the W3C vectors have it, and WebCrypto makes it half of the
    time. Nothing here tells messages apart by their signature, so the twin of a signature is worth nothing.
    """
    assert len(signature) == SIGNATURE_SIZE
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
            return is_strict_point(signature[:32])
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), data, _VERIFYING)
    except InvalidSignature:
        return False
    return True
