"""The signatures of the cryptosuites: raw bytes over SHA-2 hashes, of Ed25519 or of ECDSA on P-256 or P-384."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_on
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from nacl.bindings import crypto_sign, crypto_sign_open
from nacl.exceptions import BadSignatureError

from services.credentials.edwards import is_strict_point
from services.credentials.multikey import PublicKey

# As proofs name them, and the kinds of key that are made to sign: a suite stands for its first curve.
Cryptosuite = Literal["eddsa-jcs-2022", "ecdsa-jcs-2019"]
KeyKind = Literal["eddsa-jcs-2022", "ecdsa-jcs-2019", "ecdsa-jcs-2019/P-384"]
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
HashName = Literal["sha256", "sha384"]

EDDSA: Cryptosuite = "eddsa-jcs-2022"
ECDSA_P256: Cryptosuite = "ecdsa-jcs-2019"
ECDSA_P384: KeyKind = "ecdsa-jcs-2019/P-384"
KEY_KINDS: tuple[KeyKind, ...] = get_args(KeyKind)
EDDSA_RDFC = "eddsa-rdfc-2022"
ECDSA_RDFC = "ecdsa-rdfc-2019"
# Read, and of these the first two written.
READ = (EDDSA, ECDSA_P256, EDDSA_RDFC, ECDSA_RDFC)
RDFC = (EDDSA_RDFC, ECDSA_RDFC)
SIGNATURE_SIZE = 64

# RFC 6979, so that a message signed again after a crash gives the same bytes.
_SIGNING = {
    "secp256r1": ECDSA(SHA256(), deterministic_signing=True),
    "secp384r1": ECDSA(SHA384(), deterministic_signing=True),
}
_VERIFYING = {"secp256r1": ECDSA(SHA256()), "secp384r1": ECDSA(SHA384())}
# FIPS 186-5, the order of P-256.
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def generate(kind: KeyKind) -> PrivateKey:
    return Ed25519PrivateKey.generate() if kind == EDDSA else generate_on(_curve_of(kind))


def to_secret(key: PrivateKey) -> bytes:
    """What is to be wrapped: Ed25519's seed, or the scalar, 32 bytes and of P-384 48."""
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(key.key_size // 8, "big")


def from_secret(kind: KeyKind, secret: bytes) -> PrivateKey:
    if kind == EDDSA:
        return Ed25519PrivateKey.from_private_bytes(secret)
    return derive_private_key(int.from_bytes(secret, "big"), _curve_of(kind))


def _curve_of(kind: KeyKind) -> SECP256R1 | SECP384R1:
    return SECP384R1() if kind == ECDSA_P384 else SECP256R1()


def signing_with(key: PrivateKey) -> Callable[[bytes], bytes]:
    """What signs: 64 bytes, or 96 on P-384, the same for the same data.

    Of the two signatures on P-256 the one with low S; on P-384 the one that RFC 6979 gives, as the W3C vectors have it.
    """
    if isinstance(key, EllipticCurvePrivateKey):
        return lambda data: _sign_ecdsa(key, data)
    pair = key.private_bytes_raw() + key.public_key().public_bytes_raw()
    # libsodium, in three quarters of OpenSSL's time. What a lambda holds is never shown; a partial's arguments are.
    return lambda data: crypto_sign(data, pair)[:SIGNATURE_SIZE]


def _sign_ecdsa(key: EllipticCurvePrivateKey, data: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(data, _SIGNING[key.curve.name]))
    if isinstance(key.curve, SECP256R1):
        s = min(s, _N - s)
    size = key.key_size // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def fits(cryptosuite: str, key: PublicKey) -> bool:
    if cryptosuite in (EDDSA, EDDSA_RDFC):
        return isinstance(key, Ed25519PublicKey)
    return kind_of(key) in _VERIFYING


def kind_of(key: PublicKey) -> str:
    return "ed25519" if isinstance(key, Ed25519PublicKey) else key.curve.name


def hash_name(key: PublicKey) -> HashName:
    """What the suites hash with: SHA-384 under a key on P-384 (vc-di-ecdsa 1.0, section 3.3), or else SHA-256."""
    return "sha384" if kind_of(key) == "secp384r1" else "sha256"


def signature_size(key: PublicKey) -> int:
    return 96 if kind_of(key) == "secp384r1" else SIGNATURE_SIZE


def holds(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether a signature of its size is the key's.

    High S is read, although never written: FIPS 186-5 and the W3C vectors have it, and WebCrypto makes it half of the
    time. Nothing here tells messages apart by their signature, so the twin of a signature is worth nothing.
    """
    assert len(signature) == signature_size(key)
    try:
        if isinstance(key, Ed25519PublicKey):
            # libsodium takes half of OpenSSL's time and refuses what RFC 8032 leaves open.
            crypto_sign_open(signature + data, key.public_bytes_raw())
            return is_strict_point(signature[:32])
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        key.verify(encode_dss_signature(r, s), data, _VERIFYING[key.curve.name])
    except (BadSignatureError, InvalidSignature):
        return False
    return True
