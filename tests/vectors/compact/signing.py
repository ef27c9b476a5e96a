"""Fixed keys, and the credentials that they sign; by itself, so that the vectors depend on no service for them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from base58 import b58encode
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.codec.place import Place, to_status
from services.messages.canonical import canonical
from services.messages.document import Document, to_document
from services.messages.message import Message

_ED25519, _P256 = b"\xed\x01", b"\x80\x24"
# FIPS 186-5, the order of P-256.
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Signer:
    """A party's key. `did` and `fragment` are what its proofs name."""

    did: str
    fragment: str
    private: Ed25519PrivateKey | EllipticCurvePrivateKey
    # Of ECDSA's two signatures for one hash, the one that other writers make half of the time.
    high_s: bool = False

    @property
    def cryptosuite(self) -> str:
        return "eddsa-jcs-2022" if isinstance(self.private, Ed25519PrivateKey) else "ecdsa-jcs-2019"

    @property
    def public(self) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.public_key().public_bytes_raw()
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(data)
        r, s = decode_dss_signature(self.private.sign(data, ECDSA(SHA256(), deterministic_signing=True)))
        s = max(s, _N - s) if self.high_s else min(s, _N - s)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def ed25519(seed: int) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return _by_key(_ED25519 + private.public_key().public_bytes_raw(), private)


def p256(scalar: int) -> Signer:
    private = derive_private_key(scalar, SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return _by_key(_P256 + public, private)


def _by_key(multikey: bytes, private: Ed25519PrivateKey | EllipticCurvePrivateKey) -> Signer:
    fragment = "z" + b58encode(multikey).decode()
    return Signer(f"did:key:{fragment}", fragment, private)


def issue(message: Message, signer: Signer, place: Place | None = None) -> Document:
    """The signed credential of a message, with its place in a status list where it has one."""
    document = to_document(message)
    if place:
        document["credentialStatus"] = to_status(place)
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": signer.cryptosuite,
        "created": document["validFrom"],
        "verificationMethod": f"{signer.did}#{signer.fragment}",
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = signer.sign(sha256(canonical(config)).digest() + sha256(canonical(document)).digest())
    return {**document, "proof": {**config, "proofValue": "z" + b58encode(signature).decode()}}
