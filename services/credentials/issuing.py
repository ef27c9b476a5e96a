"""Making a credential: a pure function of the message and the key, so that a retry gives the same bytes."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from services.credentials import proofs
from services.credentials.domain import Credential
from services.credentials.proofs import Signer
from services.credentials.suites import Cryptosuite
from services.messages import multibase, secured
from services.messages.canonical import canonical
from services.messages.document import CONTEXT, Document, canonical_document, message_digest, to_timestamp
from services.messages.message import Message

# Where members go in the canonical form of the template, whose members are in the order of their names. A text of a
# party cannot look like one: its quotation marks are escaped.
_AFTER_STATUS = b'"credentialSubject":{'
_AFTER_PROOF = b'"type":["VerifiableCredential",'
_AFTER_SIGNATURE = b'"type":"DataIntegrityProof"'


def issue(message: Message, signer: Signer, status: Document | None = None) -> Credential:
    """Signs a message, and its place in a status list where it has one. The proof is as old as the message.

    The message's digest is that of the statement alone: what links to it does not depend on how it was secured.
    """
    assert message.issuer == signer.did
    document = canonical_document(message)
    if status:
        document = _insert(b"credentialStatus", canonical(status), _AFTER_STATUS, document)
    config = _config(signer.cryptosuite, signer.verification_method, to_timestamp(message.issued_at))
    signature = signer.sign(proofs.combined(config, hashlib.new(signer.hash_name, document).digest()))
    value = b'"%s"' % multibase.encode(signature).encode()
    proof = _insert(b"proofValue", value, _AFTER_SIGNATURE, config)
    json = _insert(b"proof", proof, _AFTER_PROOF, document).decode()
    secured.remember(json, secured.Secured(message, signer.cryptosuite, signer.verification_method, signature, status))
    return Credential(
        message_id=message.id_text,
        session_id=message.session_text,
        kind=message.kind,
        issuer=message.issuer,
        digest=message_digest(message),
        json=json,
    )


# All that is signed in one second has the same.
@lru_cache(64)
def _config(cryptosuite: Cryptosuite, verification_method: str, created: str) -> bytes:
    return canonical(proofs.config_of(cryptosuite, verification_method, created, CONTEXT))


def _insert(name: bytes, value: bytes, before: bytes, document: bytes) -> bytes:
    at = document.index(before)
    return b'%s"%s":%s,%s' % (document[:at], name, value, document[at:])
