"""Conversations for tests: short ways to say what the parties say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

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
from services.sessions.domain import Recorded, Session, fold

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOST = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
STRANGER = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"


def eur(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def a_request(
    amount: Money | None = None, *, payee: Party | None = None, lifetime: timedelta = timedelta(days=7)
) -> Request:
    return Request(
        payee or Party.handle("Ana", "payee"),
        amount or eur("120"),
        "two chairs",
        (PaymentMethod("SEPA", {"iban": "DE02120300000000202051"}),),
        NOON + lifetime,
    )


def numbered() -> Callable[[], UUID]:
    """Ids that grow, as UUIDv7 do."""
    count = 0

    def new_id() -> UUID:
        nonlocal count
        count += 1
        return UUID(f"01980000-0000-7000-8000-{count:012x}")

    return new_id


@dataclass
class Conversation:
    """Messages as a server that checks nothing would record them."""

    messages: list[Recorded] = field(default_factory=list)
    at: datetime = NOON
    new_id: Callable[[], UUID] = field(default_factory=numbered)

    def say(self, statement: Statement, *, issuer: str = HOST, session_id: UUID | None = None) -> Recorded:
        session = session_id or (self.messages[0].message.session_id if self.messages else self.new_id())
        recorded = Recorded.of(Message(self.new_id(), session, issuer, self.at, statement))
        self.messages.append(recorded)
        return recorded

    def request(self, amount: Money | None = None, **more: object) -> Recorded:
        return self.say(a_request(amount, **more))  # type: ignore[arg-type]

    def claim(self, amount: Money | None = None, *, issuer: str = HOST, payer: Party | None = None) -> Recorded:
        return self.say(Claim(self.messages[0].digest, amount or eur("120"), payer), issuer=issuer)

    def acknowledge(self, claim: Recorded, amount: Money | None = None, *, issuer: str = HOST) -> Recorded:
        assert isinstance(claim.message.statement, Claim)
        received = amount or claim.message.statement.amount
        return self.say(Acknowledgement(claim.message.id, claim.digest, received), issuer=issuer)

    def reject(self, claim: Recorded, *, issuer: str = HOST) -> Recorded:
        return self.say(Rejection(claim.message.id, claim.digest, "nothing arrived"), issuer=issuer)

    def cancel(self, *, issuer: str = HOST) -> Recorded:
        return self.say(Cancellation(self.messages[0].digest), issuer=issuer)

    def session(self) -> Session:
        return folded(self.messages)


def folded(messages: Iterable[Recorded]) -> Session:
    session = fold(messages)
    assert session
    return session
