"""Reading a credential that anybody may have written: bounded, and with every flaw kept for the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.credentials import proofs
from services.messages.canonical import read_json
from services.messages.document import CONTEXT, Document, from_document
from services.messages.message import Message
from services.messages.refusals import MalformedMessage


@dataclass(frozen=True, slots=True)
class Reading:
    """A credential taken apart. `document` is the part that is signed, and empty when the text could not be read."""

    # Why not, in a sentence; empty when it could.
    unreadable: str = ""
    document: Document = field(default_factory=dict)
    proof: Document = field(default_factory=dict)
    # SHA-256 over the canonical document: what the proof signs and what later messages link to.
    digest: bytes = b""
    # What it states; None with the reason when it is none of Counterfoil's statements.
    message: Message | None = None
    not_a_statement: str = ""

    @property
    def has_known_context(self) -> bool:
        return self.document.get("@context") == CONTEXT

    @property
    def issuer(self) -> str:
        """The DID it names as its issuer, or nothing."""
        return _text(self.document.get("issuer"))

    @property
    def controller(self) -> str:
        """The DID whose key the proof names, or nothing."""
        return _text(self.proof.get("verificationMethod")).partition("#")[0]


def read(text: str) -> Reading:
    """Takes a credential apart; raises nothing, whatever the text is."""
    if not text:
        return Reading("the message came without a credential, so nobody has signed it")
    try:
        document, proof = _read_secured(text)
        digest = proofs.document_hash(document)
    except MalformedMessage as flaw:
        return Reading(flaw.message)
    try:
        message = from_document(document) if document.get("@context") == CONTEXT else None
    except MalformedMessage as flaw:
        return Reading("", document, proof, digest, None, flaw.message)
    return Reading("", document, proof, digest, message)


def stated(text: str) -> Message:
    """The message in a credential of this service's own. Raises MalformedMessage for any other text."""
    return from_document(_read_secured(text)[0])


def _read_secured(text: str) -> tuple[Document, Document]:
    document = read_json(text)
    if not isinstance(document, dict):
        raise MalformedMessage("its credential is no JSON object")
    proof = document.pop("proof", None)
    if not isinstance(proof, dict):
        raise MalformedMessage("its credential does not carry exactly one proof")
    return document, proof


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
