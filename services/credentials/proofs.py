"""W3C Data Integrity proofs of the two JCS suites: `eddsa-jcs-2022` and `ecdsa-jcs-2019` with P-256.

What is signed is SHA-256(JCS(proof config)) || SHA-256(JCS(document)), the document's `@context` being part of the
proof config (vc-di-eddsa 1.0, section 3.3; vc-di-ecdsa 1.0, section 3.3). Knows no template; any JSON document will do.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Protocol

from services.credentials import did_key, multibase, suites
from services.messages.canonical import canonical
from services.messages.document import Document, from_timestamp

_TYPE = "DataIntegrityProof"
_PURPOSE = "assertionMethod"
# No others: an `expires`, a `domain` or a `previousProof` that is not honoured must not look as if it were.
_FIELDS = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "@context", "proofValue"})


class ProofFails(Exception):
    """The proof was checked and does not hold; the sentence says what about it."""


class KeyOutOfReach(Exception):
    """The proof names a key that is not in its name, so nothing can be checked without a network."""


class Signer(Protocol):
    """A private key, wherever it is kept."""

    @property
    def did(self) -> str:
        """The issuer in whose name it signs."""
        ...

    @property
    def verification_method(self) -> str:
        """What proofs call the key: `did:key:z6Mk...#z6Mk...`, or `did:web:pay.example.org#z6Mk...`."""
        ...

    @property
    def cryptosuite(self) -> suites.Cryptosuite: ...

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes, the same for the same data."""
        ...


def document_hash(document: Document) -> bytes:
    return hashlib.sha256(canonical(document)).digest()


def combined_hash(config: Document, hash_of_document: bytes) -> bytes:
    """The 64 bytes that are signed. `config` is the proof without its `proofValue`."""
    return hashlib.sha256(canonical(config)).digest() + hash_of_document


def secure(document: Document, signer: Signer, created: str) -> tuple[Document, bytes]:
    """The document with its proof, and the document's hash, which is also the digest of the message in it."""
    hashed = document_hash(document)
    config = {
        "type": _TYPE,
        "cryptosuite": signer.cryptosuite,
        "created": created,
        "verificationMethod": signer.verification_method,
        "proofPurpose": _PURPOSE,
        "@context": document["@context"],
    }
    signature = signer.sign(combined_hash(config, hashed))
    return {**document, "proof": {**config, "proofValue": multibase.encode(signature)}}, hashed


def check(document: Document, hash_of_document: bytes, proof: Document) -> None:
    """Raises ProofFails or KeyOutOfReach unless the proof holds for the document without it."""
    _check_form(document, proof)
    key = _key(proof["verificationMethod"])
    if not suites.fits(proof["cryptosuite"], key):
        raise ProofFails(f"the key is not of the kind that {proof['cryptosuite']} takes")
    signature = _signature(proof["proofValue"])
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    if not suites.holds(key, signature, combined_hash(config, hash_of_document)):
        raise ProofFails("the signature does not fit: the text was changed after signing, or another key signed it")


def created_at(proof: Document) -> datetime | None:
    """When the proof says it was made; None where it does not say so in whole seconds UTC."""
    try:
        return from_timestamp(proof["created"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _check_form(document: Document, proof: Document) -> None:
    if proof.keys() != _FIELDS:
        raise ProofFails("the proof has other fields than those of a plain Data Integrity proof")
    if proof["type"] != _TYPE or proof["cryptosuite"] not in (suites.EDDSA, suites.ECDSA_P256):
        raise ProofFails(f"the proof is of a kind not read here; it takes {suites.EDDSA} or {suites.ECDSA_P256}")
    if proof["proofPurpose"] != _PURPOSE:
        raise ProofFails("the signature was made for another purpose than to state something (assertionMethod)")
    if proof["@context"] != document.get("@context"):
        raise ProofFails("the contexts were changed after signing")
    if created_at(proof) is None:
        raise ProofFails("the proof does not say when it was made, as in 2026-01-31T12:00:00Z")


def _key(verification_method: Any) -> did_key.PublicKey:
    if not isinstance(verification_method, str):
        raise ProofFails("the proof does not name the key that made it")
    if not verification_method.startswith("did:key:"):
        raise KeyOutOfReach("only keys of did:key issuers can be checked here, and this proof names another kind")
    try:
        return did_key.key_of_method(verification_method)
    except did_key.NotADidKey:
        raise ProofFails("the proof names a key that is misspelt or not of a kind read here") from None


def _signature(proof_value: Any) -> bytes:
    try:
        return multibase.decode(proof_value, suites.SIGNATURE_SIZE)
    except (AttributeError, TypeError, ValueError):
        raise ProofFails("the signature is not 64 bytes in base58, as these suites write it") from None
