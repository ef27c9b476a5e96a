"""What the REST API answers, made of what the flows answer."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Protocol

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, Field, PlainSerializer

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from gateway.http.results import checks_of

Document = dict[str, Any]
Time = Annotated[datetime, PlainSerializer(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}", when_used="json")]
SessionStatus = Literal["pending", "partially_received", "received", "expired", "cancelled"]
ClaimStatus = Literal["pending", "acknowledged", "rejected"]

# The names that CLASSIC has for the kinds of messages.
_TYPES = {
    "request": "request",
    "claim": "sent",
    "acknowledgement": "received",
    "rejection": "rejected",
    "cancellation": "cancelled",
}


class Check(BaseModel):
    """One question asked of a credential."""

    name: str
    outcome: Literal["pass", "fail", "unknown"]
    detail: str


class Claim(BaseModel):
    """What the payer says they sent, and what the payee answered. Only what is acknowledged counts as paid."""

    claim_id: str
    status: ClaimStatus
    paid_amount: Annotated[str, Field(description="Claimed, not received.")]
    claimed_at: Time
    payer_id: str | None = None
    transaction_proof: str | None = None
    method: str | None = None
    custom_method: str | None = None
    received_amount: Annotated[str | None, Field(description="What the payee says arrived.")] = None
    answered_at: Time | None = None
    reason: str | None = None
    late: Annotated[bool, Field(description="Acknowledged after the expiry or the cancellation.")] = False


class Session(BaseModel):
    """One request and what became of it."""

    session_id: str
    status: SessionStatus
    requested_amount: str
    paid_amount: Annotated[str, Field(description="The sum of what was acknowledged.")]
    currency: str
    recipient_id: str
    description: str
    preferences: list[dict[str, str]]
    created_at: Time
    expiry: Time
    sequence: Annotated[int, Field(description="One more with each message.")]
    claims: Annotated[list[Claim], Field(description="In the order in which they were made. None in listings.")] = []


class SessionFound(Session):
    certificate: Annotated[
        Document | None, Field(description="The credential of the last message, which commits to all before it.")
    ] = None
    certificates: Annotated[list[Document], Field(description="The credential of every message, in their order.")]


class SessionExported(BaseModel):
    encoded_message: Annotated[str, Field(description="The dossier: what to keep, or to paste into a chat.")]
    qr_code: Annotated[str | None, Field(description="The same as a picture, in Base64.")] = None
    format: Literal["COMPACT"] = "COMPACT"


class SessionChanged(BaseModel):
    """The session after a change."""

    sequence: int
    session: Session
    message: Annotated[
        Document | None, Field(description="What was said. Not there at first, nor when the expiry is the change.")
    ] = None


class SessionsListed(BaseModel):
    sessions: list[Session]
    next_page_token: Annotated[str, Field(description="Where the next page starts. Empty: this was the last.")]


class _Written(BaseModel):
    """A message that was made, ready to be sent."""

    qr_code: Annotated[str | None, Field(description="The picture in Base64, where one was asked for.")] = None
    format: Annotated[Literal["CLASSIC", "COMPACT"], Field(description="How the text is written.")]
    certificate: Annotated[Document, Field(description="The message as a W3C Verifiable Credential.")]
    session: Session


class PaymentRequested(_Written):
    encoded_message: Annotated[str, Field(description="What to send to the payer.")]
    session_id: str
    payee_token: Annotated[
        str | None,
        Field(description="The secret that acknowledges, rejects and cancels. Keep it. None where the payee signs."),
    ] = None


class PaymentClaimed(_Written):
    confirmation_message: Annotated[str, Field(description="What to send to the payee.")]


class PaymentAcknowledged(_Written):
    validation_result: Annotated[bool, Field(description="True: what does not hold is refused and books nothing.")]
    updated_status: SessionStatus
    encoded_message: Annotated[str, Field(description="The receipt: what to send to the payer.")]
    checks: Annotated[list[Check], Field(description="What the checks of the claim found.")]


class PayeeAnswered(_Written):
    """A rejection or a cancellation."""

    encoded_message: Annotated[str, Field(description="What to send to the payer.")]
    updated_status: SessionStatus


class MessageOfDossier(BaseModel):
    """A message of a conversation, checked in the light of those before it."""

    decoded_data: Document
    valid: bool
    validation_details: str
    checks: list[Check]
    certificate: Document


class MessageDecoded(BaseModel):
    decoded_data: Annotated[Document, Field(description="What the message says.")]
    valid: Annotated[
        bool, Field(description="Every check passes, in a dossier of every message. Of what is not, believe nothing.")
    ]
    validation_details: Annotated[str, Field(description="What does not hold, in a sentence.")]
    checks: list[Check]
    encoded_message: Annotated[
        str, Field(description="The text itself, as read from the picture or among other words.")
    ]
    format: Literal["CLASSIC", "COMPACT"]
    certificate: Annotated[Document | None, Field(description="The credential that it carries.")] = None
    dossier: Annotated[
        list[MessageOfDossier] | None,
        Field(
            description="Where the text is a whole conversation: all its messages. The fields above are of the last."
        ),
    ] = None


class _Writing(Protocol):
    @property
    def format(self) -> message_pb2.TextFormat.ValueType: ...
    @property
    def qr_image(self) -> bytes: ...
    @property
    def session(self) -> session_pb2.Session: ...


def of_requested(answer: pb.RequestPaymentResponse) -> PaymentRequested:
    return PaymentRequested(
        encoded_message=answer.text,
        session_id=answer.session.id,
        payee_token=answer.payee_token or None,
        **_written(answer, answer.credential),
    )


def of_claimed(answer: pb.ClaimPaymentResponse) -> PaymentClaimed:
    return PaymentClaimed(confirmation_message=answer.text, **_written(answer, answer.credential))


def of_acknowledged(answer: pb.AcknowledgePaymentResponse) -> PaymentAcknowledged:
    return PaymentAcknowledged(
        validation_result=answer.verdict.verified,
        updated_status=_status(answer.session),
        encoded_message=answer.text,
        checks=checks_of(answer.verdict),
        **_written(answer, answer.receipt),
    )


def of_answered(answer: pb.RejectClaimResponse | pb.CancelRequestResponse) -> PayeeAnswered:
    return PayeeAnswered(
        encoded_message=answer.text, updated_status=_status(answer.session), **_written(answer, answer.credential)
    )


def of_decoded(answer: pb.DecodeMessageResponse) -> MessageDecoded:
    return MessageDecoded(
        decoded_data=_fields(answer.message) if answer.HasField("message") else json.loads(answer.unsigned_fields),
        valid=answer.verdict.accepted,
        validation_details=_details(answer.verdict),
        checks=checks_of(answer.verdict),
        encoded_message=answer.text,
        format=_format(answer.format),
        certificate=json.loads(answer.credential) if answer.credential else None,
        dossier=[_of_dossier(each) for each in answer.dossier] or None,
    )


def _of_dossier(said: pb.DossierMessage) -> MessageOfDossier:
    return MessageOfDossier(
        decoded_data=_fields(said.message),
        valid=said.verdict.accepted,
        validation_details=_details(said.verdict),
        checks=checks_of(said.verdict),
        certificate=json.loads(said.credential),
    )


def of_found(answer: pb.GetSessionResponse) -> SessionFound:
    certificates = [json.loads(each.json) for each in answer.credentials]
    return SessionFound(
        certificate=certificates[-1] if certificates else None, certificates=certificates, **_session(answer.session)
    )


def of_exported(answer: pb.ExportSessionResponse) -> SessionExported:
    picture = base64.b64encode(answer.qr_image).decode() if answer.qr_image else None
    return SessionExported(encoded_message=answer.text, qr_code=picture)


def of_change(change: pb.WatchSessionResponse) -> SessionChanged:
    return SessionChanged(
        sequence=change.sequence,
        session=of_session(change.session),
        message=_fields(change.message) if change.HasField("message") else None,
    )


def of_listed(answer: pb.ListSessionsResponse) -> SessionsListed:
    return SessionsListed(
        sessions=[of_session(each) for each in answer.sessions], next_page_token=answer.next_page_token
    )


def of_session(session: session_pb2.Session) -> Session:
    return Session(**_session(session))


def _written(answer: _Writing, credential: credential_pb2.Credential) -> Document:
    return {
        "qr_code": base64.b64encode(answer.qr_image).decode() if answer.qr_image else None,
        "format": _format(answer.format),
        "certificate": json.loads(credential.json),
        "session": of_session(answer.session),
    }


def _session(session: session_pb2.Session) -> Document:
    request = session.request.request
    return {
        "session_id": session.id,
        "status": _status(session),
        "requested_amount": session.requested_amount.amount,
        "paid_amount": session.paid_amount.amount,
        "currency": session.requested_amount.currency,
        "recipient_id": _identity(request.payee),
        "description": request.description,
        "preferences": _preferences(request),
        "created_at": _time(session.create_time),
        "expiry": _time(session.expire_time),
        "sequence": session.sequence,
        "claims": [_claim(each) for each in session.claims],
    }


def _claim(claim: session_pb2.SessionClaim) -> Claim:
    said, answer = claim.message.claim, claim.answer
    kind = answer.WhichOneof("statement")
    return Claim(
        claim_id=claim.message.id,
        status=session_pb2.ClaimStatus.Name(claim.status).removeprefix("CLAIM_STATUS_").lower(),
        paid_amount=said.amount.amount,
        claimed_at=_time(claim.message.issue_time),
        payer_id=_identity(said.payer) if said.HasField("payer") else None,
        transaction_proof=_optional(said, "evidence"),
        method=_optional(said, "method"),
        custom_method=_optional(said, "custom_method"),
        received_amount=answer.acknowledgement.amount.amount if kind == "acknowledgement" else None,
        answered_at=_time(answer.issue_time) if kind else None,
        reason=answer.rejection.reason if kind == "rejection" else None,
        late=claim.late,
    )


def _fields(message: message_pb2.Message) -> Document:
    """What a message says, with the names of CLASSIC and those of the endpoint that makes such a message."""
    kind = message.WhichOneof("statement") or ""
    fields: Document = {
        "session_id": message.session_id,
        "message_id": message.id,
        "type": _TYPES[kind],
        "issuer": message.issuer,
        "issued_at": f"{_time(message.issue_time):%Y-%m-%dT%H:%M:%SZ}",
    }
    statement = getattr(message, kind)
    if kind in ("request", "claim", "acknowledgement"):
        fields |= {"amount": statement.amount.amount, "currency": statement.amount.currency}
    if kind in ("acknowledgement", "rejection"):
        fields["claim_id"] = statement.claim_id
    if kind in ("rejection", "cancellation"):
        fields["reason"] = statement.reason
    if kind == "request":
        fields |= {
            "recipient_id": _identity(statement.payee),
            "description": statement.description,
            "preferences": _preferences(statement),
            "expiry": f"{_time(statement.expire_time):%Y-%m-%dT%H:%M:%SZ}",
        }
    if kind == "claim":
        said = {
            "payer_id": _identity(statement.payer) if statement.HasField("payer") else None,
            "proof": _optional(statement, "evidence"),
            "method": _optional(statement, "method"),
            "custom_method": _optional(statement, "custom_method"),
        }
        fields |= {name: value for name, value in said.items() if value is not None}
    return fields


def _details(verdict: credential_pb2.Verdict) -> str:
    if verdict.accepted:
        return "every check passes"
    for outcome in (credential_pb2.CHECK_OUTCOME_FAIL, credential_pb2.CHECK_OUTCOME_UNKNOWN):
        for check in verdict.checks:
            if check.outcome == outcome:
                return f"{check.name}: {check.detail}"
    return "it carries no credential, so there is nothing to check"


def _preferences(request: message_pb2.Request) -> list[dict[str, str]]:
    return [{"method": each.method, **each.details} for each in request.methods]


def _identity(party: message_pb2.Party) -> str:
    return party.did or party.handle


def _optional(message: message_pb2.Claim, field: Literal["evidence", "method", "custom_method"]) -> str | None:
    return str(getattr(message, field)) if message.HasField(field) else None


def _status(session: session_pb2.Session) -> Any:
    return session_pb2.SessionStatus.Name(session.status).removeprefix("SESSION_STATUS_").lower()


def _format(text_format: message_pb2.TextFormat.ValueType) -> Any:
    return message_pb2.TextFormat.Name(text_format).removeprefix("TEXT_FORMAT_")


def _time(moment: Timestamp) -> datetime:
    return moment.ToDatetime(UTC)
