"""The fixed template between a message and its W3C credential document (VC Data Model 2.0), both ways.

The document without its proof is what gets signed, digested and stored. Template 1 is frozen: a change of one byte
would break every signature made under it.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from services.messages.canonical import canonical, read_json
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Kind,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
    Statement,
)
from services.messages.money import Money
from services.messages.refusals import MalformedMessage
from services.runtime.refusals import InvalidArgument

Document = dict[str, Any]

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/counterfoil/v1"]
_SUBJECTS = {
    Kind.REQUEST: "PaymentRequest",
    Kind.CLAIM: "PaymentClaim",
    Kind.ACKNOWLEDGEMENT: "PaymentAcknowledgement",
    Kind.REJECTION: "PaymentRejection",
    Kind.CANCELLATION: "PaymentCancellation",
}
_KINDS = {subject: kind for kind, subject in _SUBJECTS.items()}
# https://www.w3.org/TR/vc-data-integrity/#multibase-0 ("u", base64url) over the multihash of SHA-256 (0x12, 32 bytes).
_MULTIHASH_SHA256 = b"\x12\x20"


def to_document(message: Message) -> Document:
    """The unsigned credential of a message."""
    subject, session = _SUBJECTS[message.kind], f"urn:uuid:{message.session_text}"
    document: Document = {
        "@context": list(CONTEXT),
        "id": message.urn,
        "type": ["VerifiableCredential", f"{subject}Credential"],
        "issuer": message.issuer,
        "validFrom": to_timestamp(message.issued_at),
        "credentialSubject": {"type": subject, "session": session, **_to_subject(message.statement)},
    }
    if isinstance(message.statement, Request):
        document["validUntil"] = to_timestamp(message.statement.expires_at)
    return document


def from_document(document: Any) -> Message:
    """The message of an unsigned credential. Raises MalformedMessage unless the template gives just this document."""
    try:
        message = _from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InvalidArgument) as error:
        raise MalformedMessage("its credential is none of Counterfoil's statements") from error
    if to_document(message) != document:
        raise MalformedMessage("its credential has other fields than Counterfoil's statements")
    return message


def from_canonical_document(document: bytes) -> Message:
    """The message of bytes that `canonical_document` gave, so that nothing about them needs a check."""
    message = _from_document(orjson.loads(document))
    message.__dict__["_canonical"] = document
    return message


def without_security(vc: Document) -> Document:
    """What a secured credential states: neither its proof nor its place in a list of revoked ones is part of that.

    Raises MalformedMessage for a place that is not read back as it is written down: of 1e20 the canonical form is an
    integer beyond all bounds.
    """
    if "credentialStatus" in vc:
        canonical(read_json(canonical(vc["credentialStatus"])))
    return {name: value for name, value in vc.items() if name not in ("proof", "credentialStatus")}


def canonical_document(message: Message) -> bytes:
    """The canonical unsigned credential, the very bytes that are digested, signed and stored; made once."""
    made: bytes | None = message.__dict__.get("_canonical")
    if made is None:
        made = message.__dict__["_canonical"] = canonical(to_document(message))
    return made


def message_digest(message: Message) -> bytes:
    """What later messages link to: SHA-256 over the canonical unsigned credential, 32 bytes; made once."""
    made: bytes | None = message.__dict__.get("_digest")
    if made is None:
        made = message.__dict__["_digest"] = hashlib.sha256(canonical_document(message)).digest()
    return made


def to_timestamp(moment: datetime) -> str:
    return moment.isoformat()[:19] + "Z"


def from_timestamp(text: str) -> datetime:
    """Reads exactly `YYYY-MM-DDThh:mm:ssZ`. Raises ValueError."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    if to_timestamp(moment) != text:
        raise ValueError(text)
    return moment


def _to_subject(statement: Statement) -> Document:
    match statement:
        case Request():
            methods = [{"method": each.method, **each.details} for each in statement.methods]
            fields: dict[str, Any] = {
                "payee": _to_party(statement.payee),
                "amount": _to_amount(statement.amount),
                "description": statement.description,
                "paymentMethods": methods,
            }
        case Claim():
            fields = {
                "request": {"digestMultibase": _to_multibase(statement.request_digest)},
                "payer": statement.payer and _to_party(statement.payer),
                "amount": _to_amount(statement.amount),
                "evidence": statement.evidence,
                "method": statement.method,
                "customMethod": statement.custom_method,
            }
        case Acknowledgement():
            fields = {
                "claim": _to_link(statement.claim_id, statement.claim_digest),
                "amount": _to_amount(statement.amount),
            }
        case Rejection():
            fields = {"claim": _to_link(statement.claim_id, statement.claim_digest), "reason": statement.reason}
        case Cancellation():
            fields = {
                "request": {"digestMultibase": _to_multibase(statement.request_digest)},
                "reason": statement.reason,
            }
    return {name: value for name, value in fields.items() if value}


def _from_document(document: Document) -> Message:
    subject = document["credentialSubject"]
    return Message(
        id=_from_urn(document["id"]),
        session_id=_from_urn(subject["session"]),
        issuer=document["issuer"],
        issued_at=from_timestamp(document["validFrom"]),
        statement=_from_subject(_KINDS[subject["type"]], subject, document),
    )


def _from_subject(kind: Kind, subject: Document, document: Document) -> Statement:
    match kind:
        case Kind.REQUEST:
            return Request(
                payee=_from_party(subject["payee"]),
                amount=_from_amount(subject["amount"]),
                description=subject.get("description", ""),
                methods=tuple(map(_from_method, subject.get("paymentMethods", ()))),
                expires_at=from_timestamp(document["validUntil"]),
            )
        case Kind.CLAIM:
            return Claim(
                request_digest=_from_multibase(subject["request"]["digestMultibase"]),
                amount=_from_amount(subject["amount"]),
                payer=_from_party(subject["payer"]) if "payer" in subject else None,
                evidence=subject.get("evidence"),
                method=subject.get("method"),
                custom_method=subject.get("customMethod"),
            )
        case Kind.ACKNOWLEDGEMENT:
            return Acknowledgement(*_from_link(subject["claim"]), _from_amount(subject["amount"]))
        case Kind.REJECTION:
            return Rejection(*_from_link(subject["claim"]), subject.get("reason", ""))
        case Kind.CANCELLATION:
            return Cancellation(_from_multibase(subject["request"]["digestMultibase"]), subject.get("reason", ""))


def _to_amount(money: Money) -> Document:
    return {"value": money.amount, "currency": money.currency}


def _from_amount(value: Document) -> Money:
    return Money.parse(value["value"], value["currency"])


def _to_party(party: Party) -> Document:
    return {"id" if party.is_did else "name": party.identity}


def _from_party(value: Document) -> Party:
    return Party.did(value["id"], "party") if "id" in value else Party.handle(value["name"], "party")


def _from_method(value: Document) -> PaymentMethod:
    return PaymentMethod(value["method"], {key: detail for key, detail in value.items() if key != "method"})


def _to_link(id: UUID, digest: bytes) -> Document:
    return {"id": id.urn, "digestMultibase": _to_multibase(digest)}


def _from_link(value: Document) -> tuple[UUID, bytes]:
    return _from_urn(value["id"]), _from_multibase(value["digestMultibase"])


def _from_urn(urn: str) -> UUID:
    return UUID(urn.removeprefix("urn:uuid:"))


def _to_multibase(digest: bytes) -> str:
    return "u" + urlsafe_b64encode(_MULTIHASH_SHA256 + digest).decode().rstrip("=")


def _from_multibase(text: str) -> bytes:
    # What was wrong about prefix or padding shows when the template does not give the same text.
    return urlsafe_b64decode(text[1:] + "==")[2:]
