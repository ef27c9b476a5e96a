"""What a message has to be that a party signed itself: its own, and one that takes nothing back of what is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.messages.ids import may_use
from services.messages.message import Acknowledgement, Cancellation, Claim, Message, Party, Rejection, Request
from services.messages.refusals import InvalidField
from services.sessions import domain
from services.sessions.domain import Session
from services.sessions.refusals import MessageIdOfAnother, MessageNotLinked, MessageOutOfOrder, SignerNotTheParty

# How far a party's clock may be ahead of ours.
AHEAD_MAX = timedelta(minutes=5)


def may_open(message: Message, request: Request, now: datetime) -> None:
    """A request of its payee's own."""
    _check_id(message)
    _check_time(message, now)
    _check_session_id(message.session_id, now)
    _check_signer(message, request.payee, "payee")
    domain.may_open(request, now)


def may_join(message: Message, session: Session, now: datetime) -> None:
    """A claim of its payer's own, or an answer of the payee's: the same rules as where the service speaks for them."""
    _check_id(message)
    _check_time(message, now)
    match message.statement:
        case Claim() as claim:
            _check_signer(message, claim.payer, "payer")
            _check_link(claim.request_digest, session)
            domain.may_claim(session, claim, now)
        case Acknowledgement() as answer:
            _check_payee(message, session)
            domain.acknowledge(session, answer.claim_id, answer.claim_digest, answer.amount)
        case Rejection() as answer:
            _check_payee(message, session)
            domain.reject(session, answer.claim_id, answer.reason, answer.claim_digest)
        case Cancellation() as cancellation:
            _check_payee(message, session)
            _check_link(cancellation.request_digest, session)
            domain.cancel(session, cancellation.reason)
        case Request():
            raise AssertionError("a request opens a session and joins none")


def check_nothing_undone(before: Session, after: Session) -> None:
    """Where messages compete the older wins, so a late one with an early time would displace what is recorded."""
    if after.sequence != before.sequence + 1:
        raise MessageOutOfOrder


def _check_id(message: Message) -> None:
    if not may_use(message.id, message.issuer):
        raise MessageIdOfAnother(message.id)


def _check_time(message: Message, now: datetime) -> None:
    if message.issued_at > now + AHEAD_MAX:
        raise MessageOutOfOrder


def _check_session_id(session_id: UUID, now: datetime) -> None:
    """Sessions are listed by their ids, in the order of time: nobody stays on top by a choice of theirs."""
    made_at_ms = session_id.int >> 80  # RFC 9562, section 5.7.
    if session_id.version != 7 or made_at_ms > (now + AHEAD_MAX).timestamp() * 1000:
        raise InvalidField(
            "signed_message: its session id is no UUIDv7, or one of the future; set the clock and sign anew, under a "
            "fresh one",
            field="signed_message",
        )


def _check_signer(message: Message, party: Party | None, name: str) -> None:
    if party is None or party.identity != message.issuer:
        raise SignerNotTheParty(name)


def _check_payee(message: Message, session: Session) -> None:
    """A payee without a DID answers by the payee token, through the service that speaks for them."""
    if message.issuer != session.request.payee.identity:
        raise SignerNotTheParty("payee")


def _check_link(digest: bytes, session: Session) -> None:
    if digest != session.opening.digest:
        raise MessageNotLinked(session.id)
