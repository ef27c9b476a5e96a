"""One W3C Data Integrity proof, made or checked, over any JSON document (VC Data Integrity 1.0, section 4).

What is signed is H(proof config) || H(document), each in canonical form: RFC 8785 in `eddsa-jcs-2022` (vc-di-eddsa 1.0,
section 3.3) and `ecdsa-jcs-2019` (vc-di-ecdsa 1.0, section 3.3), RDF in their -rdfc- siblings, which are only read.
"""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

from services.credentials import rdfc, suites, timestamps
from services.credentials.intrinsic import Intrinsic
from services.credentials.methods import Methods, NoSuchMethod
from services.credentials.multikey import PublicKey
from services.messages import multibase
from services.messages.canonical import canonical
from services.messages.document import Document
from services.messages.refusals import MalformedMessage

_TYPE = "DataIntegrityProof"
_PURPOSE = "assertionMethod"
_REQUIRED = frozenset({"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"})
# No others: what is not understood must not look as if it were honoured. Section 2.1 lists these.
_OPTIONAL = frozenset({"@context", "id", "created", "expires", "domain", "challenge", "nonce", "previousProof"})
_HASHES = {32: hashlib.sha256, 48: hashlib.sha384}


class ProofFails(Exception):
    """The proof was checked and does not hold; the sentence says what about it."""


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

    @property
    def hash_name(self) -> suites.HashName:
        """What its suite hashes with: "sha384" for a key on P-384."""
        ...

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes (96 of a P-384 key), the same for the same data."""
        ...


def document_hash(document: Document, name: suites.HashName = "sha256") -> bytes:
    return hashlib.new(name, canonical(document)).digest()


def combined_hash(config: Document, hash_of_document: bytes) -> bytes:
    """What is signed. `config` is the proof without its `proofValue`."""
    return combined(canonical(config), hash_of_document)


def combined(config: bytes, hash_of_document: bytes) -> bytes:
    """Two hashes of one kind, the first that of the canonical form of `config`."""
    return _HASHES[len(hash_of_document)](config).digest() + hash_of_document


def secure(document: Document, signer: Signer, created: str) -> tuple[Document, bytes]:
    """The document with its proof, and the document's hash by the signer's `hash_name`."""
    hashed = document_hash(document, signer.hash_name)
    config = config_of(signer.cryptosuite, signer.verification_method, created, document.get("@context"))
    signature = signer.sign(combined_hash(config, hashed))
    return {**document, "proof": {**config, "proofValue": multibase.encode(signature)}}, hashed


def config_of(cryptosuite: suites.Cryptosuite, verification_method: str, created: str, context: Any) -> Document:
    """The proof without its `proofValue`."""
    config = {
        "type": _TYPE,
        "cryptosuite": cryptosuite,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": _PURPOSE,
    }
    return config if context is None else {**config, "@context": context}


def check(document: Document, sha256: bytes, proof: Document, methods: Methods | None = None) -> None:
    """Whether the proof's key made it over this document, whose canonical form has that hash.

    Raises ProofFails, NoSuchMethod, OutOfReach, or rdfc.NotInstalled.
    """
    _check_form(document, proof)
    key = (methods or Intrinsic()).find(proof["verificationMethod"]).key
    if not suites.fits(proof["cryptosuite"], key):
        raise ProofFails(f"the key is not of the kind that {proof['cryptosuite']} takes")
    signature = _signature(proof["proofValue"], suites.signature_size(key))
    try:
        signed = _signed(document, sha256, proof, key)
    except MalformedMessage:
        raise ProofFails("the proof has no canonical form: it holds half a character, or a number beyond all") from None
    if not suites.holds(key, signature, signed):
        raise ProofFails("the signature does not fit: the text was changed after signing, or another key signed it")


def _signed(document: Document, sha256: bytes, proof: Document, key: PublicKey) -> bytes:
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    hash_name = suites.hash_name(key)
    if proof["cryptosuite"] not in suites.RDFC:
        return combined_hash(config, sha256 if hash_name == "sha256" else document_hash(document, hash_name))
    try:
        return rdfc.combined_hash({**config, "@context": document.get("@context")}, document, hash_name)
    except rdfc.NoCanonicalForm as flaw:
        raise ProofFails(str(flaw)) from None


def _check_form(document: Document, proof: Document) -> None:
    if not _REQUIRED <= proof.keys() <= _REQUIRED | _OPTIONAL:
        raise ProofFails("the proof has other fields than those of a Data Integrity proof")
    if proof["type"] != _TYPE or proof["cryptosuite"] not in suites.READ:
        raise ProofFails(f"the proof is of a kind not read here; it takes {', '.join(suites.READ)}")
    # The specification reads on with the fewer contexts that were signed; nobody else would read the same document.
    if proof.get("@context", document.get("@context")) != document.get("@context"):
        raise ProofFails("the contexts were changed after signing")
    if not isinstance(proof["verificationMethod"], str):
        raise NoSuchMethod("the proof does not name the key that made it")
    # Section 2.1. A number might not be read back: the canonical form of 1e20 is an integer beyond all bounds.
    if not all(isinstance(proof[name], str) for name in proof.keys() & {"id", "nonce"}):
        raise ProofFails("the proof's id and nonce are to be texts")
    try:
        for name in proof.keys() & {"created", "expires"}:
            timestamps.read(proof[name])
    except ValueError:
        raise ProofFails("the proof's dates are none, such as 2026-01-31T12:00:00Z") from None


def _signature(proof_value: Any, size: int) -> bytes:
    try:
        return multibase.decode(proof_value, size)
    except (AttributeError, TypeError, ValueError):
        raise ProofFails(f"the signature is not {size} bytes in base58, as these suites write it") from None
