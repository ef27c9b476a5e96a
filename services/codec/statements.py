"""What a message says, in the bytes of COMPACT. docs/compact-format.md is the specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.codec.packing import Reader, Unreadable, Writer
from services.codec.words import CURRENCIES
from services.messages.document import message_digest
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
from services.messages.money import MINOR_UNITS_MAX, Money

_CURRENCY_OF = {code: number for number, code in enumerate(CURRENCIES)}
# Flags: how the party is named (two bits), and which of a claim's optional fields are there.
_PARTY_IS_ISSUER, _PARTY_IS_TEXT, _HAS_EVIDENCE, _HAS_METHOD, _HAS_CUSTOM_METHOD = 1, 2, 4, 8, 16
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _flags(statement: Request | Claim, party: Party | None, issuer: str) -> int:
    flags = 0
    if party:
        flags |= _PARTY_IS_ISSUER if party.identity == issuer else _PARTY_IS_TEXT
    if isinstance(statement, Claim):
        flags |= _HAS_EVIDENCE * (statement.evidence is not None)
        flags |= _HAS_METHOD * (statement.method is not None)
        flags |= _HAS_CUSTOM_METHOD * (statement.custom_method is not None)
    return flags


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that another answers, where both are written together."""

    message: Message
    # Set where the other states the same amount.
    amount: Money | None = None


def write(out: Writer, message: Message, answered: Answered | None = None) -> None:
    """What is `answered` is not written: it is known."""
    statement = message.statement
    if isinstance(statement, Request | Claim):
        party = statement.payee if isinstance(statement, Request) else statement.payer
        out.raw(bytes([_flags(statement, party, message.issuer)]))
        if party and party.identity != message.issuer:
            out.text(party.identity)
    match statement:
        case Request():
            _write_money(out, statement.amount)
            out.text(statement.description)
            out.number(len(statement.methods))
            for method in statement.methods:
                _write_method(out, method)
            out.signed(seconds(statement.expires_at) - seconds(message.issued_at))
        case Claim():
            _write_link(out, statement.request_digest, answered)
            _write_amount(out, statement.amount, answered)
            for text in (statement.evidence, statement.method, statement.custom_method):
                if text is not None:
                    out.text(text)
        case Acknowledgement():
            _write_claim(out, statement, message.session_id, answered)
            _write_amount(out, statement.amount, answered)
        case Rejection():
            _write_claim(out, statement, message.session_id, answered)
            out.text(statement.reason)
        case Cancellation():
            _write_link(out, statement.request_digest, answered)
            out.text(statement.reason)


@dataclass(frozen=True, slots=True)
class Known:
    """What was read before the statement."""

    issuer: str
    session_id: UUID
    issued_at: datetime
    answered: Answered | None = None


def _read_request(read: Reader, known: Known) -> Request:
    (flags,) = read.raw(1)
    payee = _read_party(read, flags, known.issuer)
    if payee is None:
        raise Unreadable
    amount, description = _read_money(read), read.text()
    methods = tuple(_read_method(read) for _ in range(_count(read, METHODS_MAX)))
    expires_at = moment(seconds(known.issued_at) + read.signed())
    return Request(payee, amount, description, methods, expires_at)


def _read_claim(read: Reader, known: Known) -> Claim:
    (flags,) = read.raw(1)
    payer = _read_party(read, flags, known.issuer)
    digest, amount = _read_link(read, known), _read_amount(read, known)
    evidence, method, custom_method = (
        read.text() if flags & flag else None for flag in (_HAS_EVIDENCE, _HAS_METHOD, _HAS_CUSTOM_METHOD)
    )
    return Claim(digest, amount, payer, evidence, method, custom_method)


def _read_acknowledgement(read: Reader, known: Known) -> Acknowledgement:
    return Acknowledgement(*_read_claimed(read, known), _read_amount(read, known))


def _read_rejection(read: Reader, known: Known) -> Rejection:
    return Rejection(*_read_claimed(read, known), read.text())


def _read_cancellation(read: Reader, known: Known) -> Cancellation:
    return Cancellation(_read_link(read, known), read.text())


def read(kind: Kind, read: Reader, known: Known) -> Statement:
    return _READERS[kind](read, known)


_READERS: dict[Kind, Callable[[Reader, Known], Statement]] = {
    Kind.REQUEST: _read_request,
    Kind.CLAIM: _read_claim,
    Kind.ACKNOWLEDGEMENT: _read_acknowledgement,
    Kind.REJECTION: _read_rejection,
    Kind.CANCELLATION: _read_cancellation,
}


def _read_party(read: Reader, flags: int, issuer: str) -> Party | None:
    if flags & _PARTY_IS_ISSUER:
        return Party(issuer)
    if not flags & _PARTY_IS_TEXT:
        return None
    identity = read.text()
    return Party.did(identity, "party") if identity.startswith("did:") else Party.handle(identity, "party")


def _write_link(out: Writer, digest: bytes, answered: Answered | None) -> None:
    if answered is None:
        out.raw(digest)


def _read_link(read: Reader, known: Known) -> bytes:
    return message_digest(known.answered.message) if known.answered else read.raw(32)


def _write_claim(out: Writer, answer: Acknowledgement | Rejection, session_id: UUID, answered: Answered | None) -> None:
    if answered is None:
        write_id(out, answer.claim_id, session_id)
    _write_link(out, answer.claim_digest, answered)


def _read_claimed(read: Reader, known: Known) -> tuple[UUID, bytes]:
    claim_id = known.answered.message.id if known.answered else read_id(read, known.session_id)
    return claim_id, _read_link(read, known)


def _write_amount(out: Writer, money: Money, answered: Answered | None) -> None:
    if answered is None or answered.amount is None:
        _write_money(out, money)


def _read_amount(read: Reader, known: Known) -> Money:
    return (known.answered and known.answered.amount) or _read_money(read)


def _write_money(out: Writer, money: Money) -> None:
    out.number(_CURRENCY_OF[money.currency])
    out.number(money.minor_units)


def _read_money(read: Reader) -> Money:
    number, minor_units = read.number(), read.number()
    if number >= len(CURRENCIES) or not 0 < minor_units <= MINOR_UNITS_MAX:
        raise Unreadable
    return Money(minor_units, CURRENCIES[number])


def _write_method(out: Writer, method: PaymentMethod) -> None:
    out.text(method.method)
    out.number(len(method.details))
    for key in sorted(method.details):
        out.text(key)
        out.text(method.details[key])


def _read_method(read: Reader) -> PaymentMethod:
    name = read.text()
    return PaymentMethod(name, {read.text(): read.text() for _ in range(_count(read, DETAILS_MAX))})


def _count(read: Reader, most: int) -> int:
    count = read.number()
    if count > most:
        raise Unreadable
    return count


def write_id(out: Writer, id: UUID, session_id: UUID) -> None:
    """UUIDv7 begin with their time in milliseconds; those of one session are near each other."""
    out.signed(milliseconds(id) - milliseconds(session_id))
    out.raw(id.bytes[6:])


def read_id(read: Reader, session_id: UUID) -> UUID:
    began_at = milliseconds(session_id) + read.signed()
    return UUID(bytes=began_at.to_bytes(6, "big") + read.raw(10))


def milliseconds(id: UUID) -> int:
    return id.int >> 80


def seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _SECOND


def moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
