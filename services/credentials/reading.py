"""Reading a credential that anybody may have written: bounded, and with every flaw kept for the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from services.credentials import data_model, jose, proofs
from services.credentials.jose import Jws
from services.credentials.proof_sets import PROOFS_MAX
from services.messages import secured
from services.messages.canonical import read_json
from services.messages.document import CONTEXT, Document, from_document, message_digest, without_security
from services.messages.message import Message
from services.messages.refusals import MalformedMessage
from services.messages.secured import Secured


@dataclass(frozen=True)
class Reading:
    """A credential taken apart. `document` is the part that is signed, and empty when the text could not be read.

    Without slots: what several checks ask for is found once.
    """

    # Why not, in a sentence; empty when it could.
    unreadable: str = ""
    document: Document = field(default_factory=dict)
    # Its Data Integrity proofs, at least one; none where a JWS secures it.
    proofs: tuple[Document, ...] = ()
    jws: Jws | None = None
    # The DID or other URL that it names as its issuer, or nothing.
    issuer: str = ""
    # SHA-256 over the canonical document: what a proof signs.
    digest: bytes = b""
    # What it states; None with the reason when it is none of Counterfoil's statements.
    message: Message | None = None
    not_a_statement: str = ""
    # What later messages link to: the digest of the statement alone, without its place in a status list.
    message_digest: bytes = b""
    # By this process, a moment ago.
    signed_here: bool = False

    @property
    def has_known_context(self) -> bool:
        return self.document.get("@context") == CONTEXT

    @cached_property
    def verification_methods(self) -> tuple[str, ...]:
        """The keys that sign it by their names, in the order of the proofs; nothing in the place of what is no text."""
        if self.jws:
            return (self.jws.verification_method,)
        return tuple(_text(proof.get("verificationMethod")) for proof in self.proofs)

    @cached_property
    def controller(self) -> str:
        """The DID whose key signs it, or nothing: the issuer's where one of several is."""
        controllers = [method.partition("#")[0] for method in self.verification_methods]
        return self.issuer if self.issuer in controllers else "".join(controllers[:1])

    @property
    def claims(self) -> Document:
        """What a JWS says beside the credential, such as `exp`."""
        return self.jws.claims if self.jws else {}


def read(text: str) -> Reading:
    """Takes a credential apart, JSON or compact JWS; raises nothing, whatever the text is."""
    if not text:
        return Reading("the message came without a credential, so nobody has signed it")
    if made := secured.known(text):
        return _made(made, text)
    try:
        if jose.is_compact(text):
            document, jws = jose.read(text)
            return _reading(document, (), jws)
        return read_value(read_json(text))
    except MalformedMessage as flaw:
        return Reading(flaw.message)


def read_value(value: Any) -> Reading:
    """Takes a credential apart that was read as JSON already; raises nothing."""
    try:
        document, all_proofs = split(value)
        return _reading(document, all_proofs, None)
    except MalformedMessage as flaw:
        return Reading(flaw.message)


def split(value: Any) -> tuple[Document, tuple[Document, ...]]:
    """The signed part of a secured document, and its proofs. Raises MalformedMessage."""
    if not isinstance(value, dict):
        raise MalformedMessage("its credential is no JSON object")
    document = {name: item for name, item in value.items() if name != "proof"}
    all_proofs = data_model.listed(value.get("proof"))
    if not 1 <= len(all_proofs) <= PROOFS_MAX or not all(isinstance(proof, dict) for proof in all_proofs):
        raise MalformedMessage(f"its credential does not carry a proof, or up to {PROOFS_MAX} of them")
    return document, tuple(all_proofs)


def stated(text: str) -> Message:
    """The message in a credential of this service's own. Raises MalformedMessage for any other text."""
    return from_document(without_security(split(read_json(text))[0]))


def _reading(document: Document, all_proofs: tuple[Document, ...], jws: Jws | None) -> Reading:
    """Raises MalformedMessage where the document has no canonical form."""
    digest = proofs.document_hash(document)
    issuer = data_model.identity_of(document.get("issuer"))
    try:
        statement = without_security(document) if "credentialStatus" in document else document
        message = from_document(statement) if document.get("@context") == CONTEXT else None
    except MalformedMessage as flaw:
        return Reading("", document, all_proofs, jws, issuer, digest, None, flaw.message)
    linked = digest if statement is document else proofs.document_hash(statement)
    return Reading("", document, all_proofs, jws, issuer, digest, message, message_digest=linked if message else b"")


def _made(made: Secured, text: str) -> Reading:
    document, all_proofs = split(orjson.loads(text))
    digest = message_digest(made.message)
    signed = proofs.document_hash(document) if made.status else digest
    return Reading(
        "", document, all_proofs, None, made.message.issuer, signed, made.message, "", digest, signed_here=True
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
