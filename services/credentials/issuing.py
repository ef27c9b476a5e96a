"""Making a credential: a pure function of the message and the key, so that a retry gives the same bytes."""

from __future__ import annotations

from services.credentials.domain import Credential
from services.credentials.proofs import Signer, secure
from services.messages.canonical import canonical
from services.messages.document import to_document, to_timestamp
from services.messages.message import Message


def issue(message: Message, signer: Signer) -> Credential:
    """Signs a message. The proof is as old as the message, whenever it is made."""
    assert message.issuer == signer.did
    secured, digest = secure(to_document(message), signer, to_timestamp(message.issued_at))
    return Credential(
        message_id=message.id,
        session_id=message.session_id,
        kind=message.kind,
        issuer=message.issuer,
        digest=digest,
        json=canonical(secured).decode(),
    )
