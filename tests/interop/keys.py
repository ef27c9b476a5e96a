"""The keys that the peers and we sign with: of three kinds, and the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import base58
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials import base64url, jwk, suites
from services.credentials.did_key import to_did, to_verification_method


@dataclass(frozen=True)
class Key:
    """Signs for us, and tells its secret to a peer that is to sign with it."""

    private: suites.PrivateKey = field(repr=False)
    cryptosuite: suites.Cryptosuite
    hash_name: suites.HashName
    # The name of the algorithm in JOSE, and in Askar.
    alg: str
    algorithm: str
    # Multicodec ed25519-priv, p256-priv or p384-priv as an unsigned varint.
    codec: bytes

    @cached_property
    def did(self) -> str:
        return to_did(self.private.public_key())

    @cached_property
    def verification_method(self) -> str:
        return to_verification_method(self.did)

    def sign(self, data: bytes) -> bytes:
        return suites.signing_with(self.private)(data)

    @property
    def secret(self) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.private_bytes_raw()
        return self.private.private_numbers().private_value.to_bytes(self.private.key_size // 8, "big")

    def to_multikey(self) -> dict[str, str]:
        """With its secret."""
        return {
            "@context": "https://w3id.org/security/multikey/v1",
            "type": "Multikey",
            "id": self.verification_method,
            "controller": self.did,
            "publicKeyMultibase": self.did.removeprefix("did:key:"),
            "secretKeyMultibase": "z" + base58.b58encode(self.codec + self.secret).decode(),
        }

    def to_jwk(self) -> dict[str, str]:
        """With its secret."""
        return {**jwk.encode(self.private.public_key()), "d": base64url.encode(self.secret)}


ED25519 = Key(
    Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\5"), suites.EDDSA, "sha256", "EdDSA", "ed25519", b"\x80\x26"
)
P256 = Key(derive_private_key(5, SECP256R1()), suites.ECDSA_P256, "sha256", "ES256", "p256", b"\x86\x26")
P384 = Key(derive_private_key(5, SECP384R1()), suites.ECDSA_P256, "sha384", "ES384", "p384", b"\x87\x26")

KEYS = {"eddsa-jcs-2022": ED25519, "ecdsa-jcs-2019 with P-256": P256, "ecdsa-jcs-2019 with P-384": P384}
