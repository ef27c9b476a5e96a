"""The rules of the conversation. A session is nothing but the fold of its messages.

Folding the same set of messages, in any order and with duplicates, gives the same session everywhere. A message that is
not linked, not authorised or too late is not part of the session, whoever recorded it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from services.messages.document import message_digest
from services.messages.likeness import looks_like_did
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Kind,
    Message,
    Party,
    Rejection,
    Request,
    Statement,
)
from services.messages.money import Money
from services.messages.refusals import InvalidText
from services.sessions.refusals import (
    ClaimAlreadyAcknowledged,
    ClaimAlreadyRejected,
    ClaimAltered,
    ClaimNotFound,
    CurrencyMismatch,
    ExpiryOutOfRange,
    MethodNotOffered,
    RequestIssuerGone,
    SessionCancelled,
    SessionExpired,
    SessionSettled,
    SignatureRequired,
    TooManyClaims,
)

LIFETIME = timedelta(days=7)
LIFETIME_MIN = timedelta(minutes=1)
LIFETIME_MAX = timedelta(days=366)
CLAIMS_MAX = 200
UNANSWERED_CLAIMS_MAX = 50
# Under one name, and all of those under none: nobody takes the whole room by claiming again and again.
UNANSWERED_OF_ONE_PAYER_MAX = 40


class Status(Enum):
    PENDING = auto()
    PARTIALLY_RECEIVED = auto()
    RECEIVED = auto()
    EXPIRED = auto()
    CANCELLED = auto()


class ClaimStatus(Enum):
    PENDING = auto()
    ACKNOWLEDGED = auto()
    REJECTED = auto()


class Flaw(Enum):
    """Why a message is no part of a session."""

    ID_USED_BEFORE = auto()
    NOT_THE_PARTY = auto()
    # What it answers is not here, or not here yet.
    UNLINKED = auto()
    OTHER_CURRENCY = auto()
    TOO_LATE = auto()
    # Another message has its place: the session's request, the claim's answer, the cancellation.
    PLACE_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message with its digest, which links are made of."""

    message: Message
    digest: bytes

    @classmethod
    def of(cls, message: Message) -> Recorded:
        return cls(message, message_digest(message))


@dataclass(frozen=True, slots=True)
class ClaimState:
    claim: Recorded
    answer: Message | None
    late: bool

    @property
    def status(self) -> ClaimStatus:
        if self.answer is None:
            return ClaimStatus.PENDING
        return ClaimStatus.ACKNOWLEDGED if self.answer.kind is Kind.ACKNOWLEDGEMENT else ClaimStatus.REJECTED

    @property
    def received(self) -> Money | None:
        statement = self.answer and self.answer.statement
        return statement.amount if isinstance(statement, Acknowledgement) else None


@dataclass(frozen=True, slots=True)
class Session:
    opening: Recorded
    claims: tuple[ClaimState, ...]
    cancellation: Message | None
    # How many messages it is made of: the number of its last event.
    sequence: int

    @property
    def id(self) -> UUID:
        return self.opening.message.session_id

    @property
    def request(self) -> Request:
        assert isinstance(self.opening.message.statement, Request)
        return self.opening.message.statement

    @property
    def paid(self) -> Money:
        return sum((each.received for each in self.claims if each.received), Money.zero(self.request.amount.currency))

    def status(self, now: datetime) -> Status:
        """Money that arrived outranks the clock; only its full amount outranks a cancellation."""
        paid = self.paid.minor_units
        if paid >= self.request.amount.minor_units:
            return Status.RECEIVED
        if self.cancellation:
            return Status.CANCELLED
        if paid:
            return Status.PARTIALLY_RECEIVED
        return Status.EXPIRED if self.request.expires_at <= now else Status.PENDING

    def claim(self, claim_id: UUID, digest: bytes | None = None) -> ClaimState:
        """By its id, which two payers may have used; then the digest tells which is meant."""
        found = [each for each in self.claims if each.claim.message.id == claim_id]
        for each in (*(each for each in found if each.claim.digest == digest), *found):
            return each
        raise ClaimNotFound(self.id, claim_id)


def fold(messages: Iterable[Recorded]) -> Session | None:
    """The session that a set of messages makes. None without a request."""
    # Where two messages compete for one place, the earlier wins, on equal times the smaller id: the same everywhere.
    ordered = sorted({each.digest: each for each in messages}.values(), key=order)
    # An id is its issuer's own to use: no stranger takes a message away by signing another under its id.
    by_id = {(each.message.issuer, each.message.id): each for each in reversed(ordered)}
    unique = [each for each in ordered if by_id[each.message.issuer, each.message.id] is each]
    opening = next((each for each in unique if opens(each.message)), None)
    if opening is None:
        return None
    cancellation = next((each.message for each in unique if _cancels(each.message, opening)), None)
    claimed = {each.digest: each for each in unique if _claims(each.message, opening, cancellation)}
    answers: dict[bytes, Message] = {}
    for each in unique:
        statement = each.message.statement
        if isinstance(statement, Acknowledgement | Rejection) and not flaw_of_answer(each.message, opening, claimed):
            answers.setdefault(statement.claim_digest, each.message)
    claims = tuple(
        ClaimState(each, answer, _is_late(answer, opening, cancellation))
        for each in claimed.values()
        for answer in [answers.get(each.digest)]
    )
    sequence = 1 + len(claims) + sum(each.answer is not None for each in claims) + (cancellation is not None)
    return Session(opening, claims, cancellation, sequence)


def may_speak_for(party: Party | None, field: str) -> None:
    """A service speaks for parties without a key, and for nobody else."""
    if party and party.is_did:
        raise SignatureRequired(field)


def may_be_called(party: Party | None, field: str) -> None:
    """Nobody goes by a name that people take for somebody's DID. What was recorded under one stays readable."""
    if party and not party.is_did and looks_like_did(party.identity):
        raise InvalidText(f"{field}.handle: looks like a DID; choose a name", field=f"{field}.handle")


def may_open(request: Request, now: datetime) -> None:
    """The expiry lies within reason."""
    if not now + LIFETIME_MIN <= request.expires_at <= now + LIFETIME_MAX:
        raise ExpiryOutOfRange


def may_go_on(session: Session, issuers: Collection[str]) -> None:
    """Nothing more is said under a request whose hosted key was revoked. No issuers: not asked."""
    if issuers and not session.request.payee.is_did and session.opening.message.issuer not in issuers:
        raise RequestIssuerGone(session.id)


def may_claim(session: Session, claim: Claim, now: datetime) -> None:
    """A claim is only a claim, but it needs a request that stands."""
    if session.cancellation:
        raise SessionCancelled(session.id)
    if session.request.expires_at <= now:
        raise SessionExpired(session.id)
    _check_currency(claim.amount, session, "amount")
    if claim.method is not None and claim.method not in {each.method for each in session.request.methods}:
        raise MethodNotOffered
    unanswered = [each.claim.message.statement for each in session.claims if each.answer is None]
    if len(session.claims) >= CLAIMS_MAX or len(unanswered) >= UNANSWERED_CLAIMS_MAX:
        raise TooManyClaims(session.id)
    if sum(isinstance(each, Claim) and each.payer == claim.payer for each in unanswered) >= UNANSWERED_OF_ONE_PAYER_MAX:
        raise TooManyClaims(session.id)


def acknowledge(session: Session, claim_id: UUID, seen: bytes | None, received: Money | None) -> Acknowledgement:
    """Confirms a claim once. `seen` is the digest of what the payee read; `received` defaults to what was claimed."""
    claim = _unanswered(session, claim_id, seen)
    if received:
        _check_currency(received, session, "received_amount")
    assert isinstance(claim.message.statement, Claim)
    return Acknowledgement(claim_id, claim.digest, received or claim.message.statement.amount)


def reject(session: Session, claim_id: UUID, reason: str, seen: bytes | None = None) -> Rejection:
    return Rejection(claim_id, _unanswered(session, claim_id, seen).digest, reason)


def cancel(session: Session, reason: str) -> Cancellation:
    if session.cancellation:
        raise SessionCancelled(session.id)
    if session.paid.minor_units >= session.request.amount.minor_units:
        raise SessionSettled(session.id)
    return Cancellation(session.opening.digest, reason)


def answered_claim(statement: Statement) -> UUID | None:
    """The claim that a statement answers; a claim is answered once."""
    return statement.claim_id if isinstance(statement, Acknowledgement | Rejection) else None


def order(each: Recorded) -> tuple[datetime, bytes, bytes]:
    return each.message.issued_at, each.message.id.bytes, each.digest


def opens(message: Message) -> bool:
    """A payee with a DID asks for itself; one without is spoken for by any service."""
    statement = message.statement
    return isinstance(statement, Request) and (not statement.payee.is_did or statement.payee.identity == message.issuer)


def _cancels(message: Message, opening: Recorded) -> bool:
    return message.kind is Kind.CANCELLATION and not flaw_of_cancellation(message, opening)


def _claims(message: Message, opening: Recorded, cancellation: Message | None) -> bool:
    return message.kind is Kind.CLAIM and not flaw_of_claim(message, opening, cancellation)


def flaw_of_claim(message: Message, opening: Recorded, cancellation: Message | None) -> Flaw | None:
    claim, request = message.statement, opening.message.statement
    assert isinstance(claim, Claim)
    assert isinstance(request, Request)
    if message.session_id != opening.message.session_id or claim.request_digest != opening.digest:
        return Flaw.UNLINKED
    if claim.payer and claim.payer.is_did and claim.payer.identity != message.issuer:
        return Flaw.NOT_THE_PARTY
    if claim.amount.currency != request.amount.currency:
        return Flaw.OTHER_CURRENCY
    if message.issued_at >= request.expires_at or (cancellation and message.issued_at > cancellation.issued_at):
        return Flaw.TOO_LATE
    return None


def flaw_of_answer(message: Message, opening: Recorded, claimed: Mapping[bytes, Recorded]) -> Flaw | None:
    """Of an acknowledgement or a rejection; `claimed` are the claims that stand, by their digests."""
    answer = message.statement
    assert isinstance(answer, Acknowledgement | Rejection)
    claim = claimed.get(answer.claim_digest)
    if claim is None or message.session_id != opening.message.session_id or answer.claim_id != claim.message.id:
        return Flaw.UNLINKED
    if message.issuer != opening.message.issuer:
        return Flaw.NOT_THE_PARTY
    assert isinstance(claim.message.statement, Claim)
    if isinstance(answer, Acknowledgement) and answer.amount.currency != claim.message.statement.amount.currency:
        return Flaw.OTHER_CURRENCY
    return None


def flaw_of_cancellation(message: Message, opening: Recorded) -> Flaw | None:
    assert isinstance(message.statement, Cancellation)
    if message.session_id != opening.message.session_id or message.statement.request_digest != opening.digest:
        return Flaw.UNLINKED
    # Whoever signed the request is its payee, or speaks for them: only they answer.
    return None if message.issuer == opening.message.issuer else Flaw.NOT_THE_PARTY


def _is_late(answer: Message | None, opening: Recorded, cancellation: Message | None) -> bool:
    """Confirmed after the request had closed: booked all the same, and marked."""
    request = opening.message.statement
    return (
        answer is not None
        and answer.kind is Kind.ACKNOWLEDGEMENT
        and isinstance(request, Request)
        and (
            answer.issued_at >= request.expires_at
            or (cancellation is not None and answer.issued_at > cancellation.issued_at)
        )
    )


def _unanswered(session: Session, claim_id: UUID, seen: bytes | None) -> Recorded:
    state = session.claim(claim_id, seen)
    if seen is not None and seen != state.claim.digest:
        raise ClaimAltered(claim_id)
    if state.status is ClaimStatus.ACKNOWLEDGED:
        raise ClaimAlreadyAcknowledged(claim_id)
    if state.status is ClaimStatus.REJECTED:
        raise ClaimAlreadyRejected(claim_id)
    return state.claim


def _check_currency(amount: Money, session: Session, field: str) -> None:
    if amount.currency != session.request.amount.currency:
        raise CurrencyMismatch(amount.currency, session.request.amount.currency, field)
