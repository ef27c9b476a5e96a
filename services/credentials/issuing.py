"""Making a credential: a pure function of the message and the key, so that a retry gives the same bytes."""

from __future__ import annotations

from services.credentials.domain import Credential
from services.credentials.proofs import Signer, document_hash, secure
from services.messages.canonical import canonical
from services.messages.document import Document, to_document, to_timestamp
from services.messages.message import Message


def issue(message: Message, signer: Signer, status: Document | None = None) -> Credential:
    """Signs a message, and its place in a status list where it has one. The proof is as old as the message.

    The message's digest is that of the statement alone: what links to it does not depend on how it was secured.
    """
    assert message.issuer == signer.did
    document = to_document(message)
    signed = {**document, "credentialStatus": status} if status else document
    secured, digest = secure(signed, signer, to_timestamp(message.issued_at))
    if status or signer.hash_name != "sha256":
        digest = document_hash(document)
    return Credential(
        message_id=message.id,
        session_id=message.session_id,
        kind=message.kind,
        issuer=message.issuer,
        digest=digest,
        json=canonical(secured).decode(),
    )
