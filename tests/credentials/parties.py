"""The people, keys and messages of these tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.credentials import proofs, suites
from services.credentials.did_key import key_of, to_did, to_verification_method
from services.credentials.domain import Credential, Outcome, Verdict
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages import multibase, secured
from services.messages.document import Document, to_document
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
    Statement,
)
from services.messages.money import Money

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SESSION = UUID("01999f1e-3c00-7000-8000-000000000001")
OTHER_SESSION = UUID("01999f1e-3c00-7000-8000-000000000002")
REQUEST_ID = UUID("01999f1e-3c00-7000-8000-000000000011")
CLAIM_ID = UUID("01999f1e-3c00-7000-8000-000000000012")
ANSWER_ID = UUID("01999f1e-3c00-7000-8000-000000000013")
STATUS = {
    "id": "https://pay.example.org/status-lists/3#4711",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "4711",
    "statusListCredential": "https://pay.example.org/status-lists/3",
}
SUITES = suites.KEY_KINDS


def a_key(kind: suites.KeyKind, secret: int = 1) -> IssuerKey:
    private = suites.from_secret(kind, secret.to_bytes(32, "big"))
    return IssuerKey(to_did(private.public_key()), kind, private)


SERVICE = a_key(suites.EDDSA, 1)
STRANGER = a_key(suites.EDDSA, 2)
MALLORY = a_key(suites.EDDSA, 3)


def a_request(issuer: str = SERVICE.did, payee: str = "Alice's Bakery", **fields: Any) -> Message:
    statement = Request(
        payee=Party(payee),
        amount=Money.parse("120", "EUR"),
        description="Törtchen für Freitag",
        methods=(PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "account": "Alice"}),),
        expires_at=NOON + timedelta(days=3),
    )
    return a_message(replace(statement, **fields), REQUEST_ID, issuer)


def a_claim(request: Message, issuer: str = SERVICE.did, payer: str | None = "Bob") -> Message:
    party = Party(payer) if payer else None
    statement = Claim(digest_of(request), Money.parse("60", "EUR"), party, "tx 8f3a", "SEPA")
    return a_message(statement, CLAIM_ID, issuer)


def an_acknowledgement(claim: Message, issuer: str = SERVICE.did) -> Message:
    return a_message(Acknowledgement(claim.id, digest_of(claim), Money.parse("60", "EUR")), ANSWER_ID, issuer)


def a_rejection(claim: Message, issuer: str = SERVICE.did) -> Message:
    return a_message(Rejection(claim.id, digest_of(claim), "nothing arrived"), ANSWER_ID, issuer)


def a_cancellation(request: Message, issuer: str = SERVICE.did) -> Message:
    return a_message(Cancellation(digest_of(request), "sold out"), ANSWER_ID, issuer)


def a_message(statement: Statement, id: UUID, issuer: str) -> Message:
    return Message(id, SESSION, issuer, NOON, statement)


def digest_of(message: Message) -> bytes:
    return proofs.document_hash(to_document(message))


def signed(message: Message, *keys: IssuerKey) -> Credential:
    by_did = {key.did: key for key in (SERVICE, STRANGER, MALLORY, *keys)}
    return issue(message, by_did[message.issuer])


def sign_anything(document: Document, key: IssuerKey, *, proof_value: str | None = None, **changes: Any) -> Document:
    """A document with a proof made correctly over whatever the proof is told to say."""
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": key.cryptosuite,
        "created": "2026-10-01T12:00:00Z",
        "verificationMethod": to_verification_method(key.did),
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
        **changes,
    }
    signature = key.sign(proofs.combined_hash(config, proofs.document_hash(document, key.hash_name)))
    return {**document, "proof": {**config, "proofValue": proof_value or multibase.encode(signature)}}


def raw_signature(document: Document, key: IssuerKey) -> bytes:
    size = signature_size(key)
    return multibase.decode(sign_anything(document, key)["proof"]["proofValue"], size)


def signature_size(key: IssuerKey) -> int:
    return suites.signature_size(key_of(key.did))


def verdict_on(credential: str | Document, circumstances: Circumstances | None = None) -> Verdict:
    """As another process finds it."""
    secured.forget()
    text = credential if isinstance(credential, str) else json.dumps(credential)
    return judge(read(text), circumstances or Circumstances(NOON, own={SERVICE.did}))


def verdict_on_any(credential: str | Document, circumstances: Circumstances | None = None) -> Verdict:
    """The verdict on a credential that may state anything."""
    text = credential if isinstance(credential, str) else json.dumps(credential)
    return judge(read(text), circumstances or Circumstances(NOON, own={SERVICE.did}), any_statement=True)


def outcomes(verdict: Verdict) -> Mapping[str, Outcome]:
    return {check.name: check.outcome for check in verdict.checks}


def failing(verdict: Verdict) -> set[str]:
    return {name for name, outcome in outcomes(verdict).items() if outcome is Outcome.FAIL}


def detail(verdict: Verdict, name: str) -> str:
    return next(check.detail for check in verdict.checks if check.name == name)
