"""Messages and their parts to and from protobuf. Reading refuses what is missing or malformed, naming the field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from unicodedata import normalize
from uuid import UUID

from google.protobuf.message import Message as ProtobufMessage
from google.protobuf.timestamp_pb2 import Timestamp

from counterfoil.messages.v1 import message_pb2 as pb
from services.messages.message import (
    DETAILS_MAX,
    METHODS_MAX,
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
from services.messages.recent import Recent
from services.messages.refusals import InvalidField

_NORMALIZED_MAX = 2048
_WRITTEN: Recent[bytes, Message] = Recent(1000)

_KINDS: dict[Kind, pb.MessageKind.ValueType] = {
    Kind.REQUEST: pb.MESSAGE_KIND_REQUEST,
    Kind.CLAIM: pb.MESSAGE_KIND_CLAIM,
    Kind.ACKNOWLEDGEMENT: pb.MESSAGE_KIND_ACKNOWLEDGEMENT,
    Kind.REJECTION: pb.MESSAGE_KIND_REJECTION,
    Kind.CANCELLATION: pb.MESSAGE_KIND_CANCELLATION,
}


def to_kind(kind: Kind) -> pb.MessageKind.ValueType:
    return _KINDS[kind]


def from_uuid(value: str, field: str) -> UUID:
    """Reads a UUID in its canonical text form. Raises InvalidField."""
    try:
        found = UUID(value) if len(value) == 36 else None
    except ValueError:
        found = None
    if found is None or str(found) != value.lower():
        raise InvalidField(f'{field}: not a UUID; it looks like "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"', field=field)
    return found


def from_optional_uuid(value: str, field: str) -> UUID | None:
    return from_uuid(value, field) if value else None


def from_text(value: str) -> str:
    """A text as people type it, in the Unicode form NFC that messages hold.

    Longer ones than any field takes are left for its bound to refuse: normalising takes quadratic time.
    """
    return value if value.isascii() or len(value) > _NORMALIZED_MAX else normalize("NFC", value)


def from_money(value: pb.Money, field: str) -> Money:
    return Money.parse(value.amount, value.currency, field)


def from_party(value: pb.Party, field: str) -> Party:
    match value.WhichOneof("identity"):
        case "did":
            return Party.did(value.did, field)
        case "handle":
            return Party.handle(from_text(value.handle), field)
    raise InvalidField(f"{field}: missing; give a handle", field=field)


def from_methods(values: Sequence[pb.PaymentMethod]) -> tuple[PaymentMethod, ...]:
    if len(values) > METHODS_MAX or any(len(each.details) > DETAILS_MAX for each in values):
        raise InvalidField(f"methods: at most {METHODS_MAX}, each with at most {DETAILS_MAX} details", field="methods")
    return tuple(
        PaymentMethod(from_text(each.method), {key: from_text(value) for key, value in each.details.items()})
        for each in values
    )


def from_time(value: Timestamp, field: str) -> datetime:
    """Whole seconds; raises InvalidField outside the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(value.seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidField(f"{field}: not a time", field=field) from None


def to_time(moment: datetime) -> Timestamp:
    return Timestamp(seconds=int(moment.timestamp()))


def to_money(money: Money) -> pb.Money:
    return pb.Money(amount=money.amount, currency=money.currency)


def to_party(party: Party) -> pb.Party:
    return pb.Party(did=party.identity) if party.is_did else pb.Party(handle=party.identity)


def to_message(message: Message) -> pb.Message:
    """Made once, so nobody changes it; as a field of another message it is copied."""
    made: pb.Message | None = message.__dict__.get("_protobuf")
    if made is None:
        made = message.__dict__["_protobuf"] = pb.Message(
            id=message.id_text,
            session_id=message.session_text,
            issuer=message.issuer,
            issue_time=to_time(message.issued_at),
            **{message.kind.name.lower(): _to_statement(message.statement)},  # type: ignore[arg-type]
        )
        # In one process, the next service reads what this one has written.
        _WRITTEN.put(made.SerializeToString(deterministic=True), message)
    return made


def from_message(value: pb.Message) -> Message:
    return _WRITTEN.get(value.SerializeToString(deterministic=True)) or _from_message(value)


def _from_message(value: pb.Message) -> Message:
    return Message(
        id=from_uuid(value.id, "message.id"),
        session_id=from_uuid(value.session_id, "message.session_id"),
        issuer=value.issuer,
        issued_at=from_time(value.issue_time, "message.issue_time"),
        statement=_from_statement(value),
    )


def _to_statement(statement: Statement) -> ProtobufMessage:
    match statement:
        case Request():
            return pb.Request(
                payee=to_party(statement.payee),
                amount=to_money(statement.amount),
                description=statement.description,
                methods=[pb.PaymentMethod(method=each.method, details=each.details) for each in statement.methods],
                expire_time=to_time(statement.expires_at),
            )
        case Claim():
            claim = pb.Claim(
                request_digest=statement.request_digest,
                amount=to_money(statement.amount),
                payer=to_party(statement.payer) if statement.payer else None,
                evidence=statement.evidence,
            )
            if statement.method is not None:
                claim.method = statement.method
            if statement.custom_method is not None:
                claim.custom_method = statement.custom_method
            return claim
        case Acknowledgement():
            return pb.Acknowledgement(
                claim_id=str(statement.claim_id),
                claim_digest=statement.claim_digest,
                amount=to_money(statement.amount),
            )
        case Rejection():
            return pb.Rejection(
                claim_id=str(statement.claim_id), claim_digest=statement.claim_digest, reason=statement.reason
            )
        case Cancellation():
            return pb.Cancellation(request_digest=statement.request_digest, reason=statement.reason)


def _from_statement(value: pb.Message) -> Statement:
    match value.WhichOneof("statement"):
        case "request":
            request = value.request
            return Request(
                payee=from_party(request.payee, "payee"),
                amount=from_money(request.amount, "amount"),
                description=request.description,
                methods=from_methods(request.methods),
                expires_at=from_time(request.expire_time, "expire_time"),
            )
        case "claim":
            claim = value.claim
            return Claim(
                request_digest=claim.request_digest,
                amount=from_money(claim.amount, "amount"),
                payer=from_party(claim.payer, "payer") if claim.HasField("payer") else None,
                evidence=claim.evidence if claim.HasField("evidence") else None,
                method=claim.method if claim.HasField("method") else None,
                custom_method=claim.custom_method if claim.HasField("custom_method") else None,
            )
        case "acknowledgement":
            return Acknowledgement(
                claim_id=from_uuid(value.acknowledgement.claim_id, "claim_id"),
                claim_digest=value.acknowledgement.claim_digest,
                amount=from_money(value.acknowledgement.amount, "amount"),
            )
        case "rejection":
            return Rejection(
                claim_id=from_uuid(value.rejection.claim_id, "claim_id"),
                claim_digest=value.rejection.claim_digest,
                reason=value.rejection.reason,
            )
        case "cancellation":
            return Cancellation(value.cancellation.request_digest, value.cancellation.reason)
    raise InvalidField("message: says nothing; set one statement", field="message")
