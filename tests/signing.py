"""A party that holds its own key, and what it sends over the chat."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from services.codec import armour, compact
from services.credentials import suites
from services.credentials.did_key import to_did
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.messages.document import message_digest
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    Rejection,
    Request,
    Statement,
    whole_second,
)
from services.messages.money import Money


def a_moment_ago() -> datetime:
    return whole_second(datetime.now(UTC)) - timedelta(seconds=30)


@dataclass(frozen=True)
class Signer:
    """Says one thing after another, each under its own key."""

    key: IssuerKey

    @classmethod
    def numbered(cls, secret: int) -> Signer:
        private = suites.from_secret(suites.EDDSA, secret.to_bytes(32, "big"))
        return cls(IssuerKey(to_did(private.public_key()), suites.EDDSA, private))

    @property
    def did(self) -> str:
        return self.key.did

    @property
    def party(self) -> Party:
        return Party(self.did)

    def say(
        self, statement: Statement, session_id: UUID, *, at: datetime | None = None, id: UUID | None = None
    ) -> Message:
        return Message(id or uuid7(), session_id, self.did, at or a_moment_ago(), statement)

    def request(self, amount: str = "120", *, payee: Party | None = None, days: float = 7, **more: datetime) -> Message:
        expires_at = whole_second(datetime.now(UTC) + timedelta(days=days))
        asked = Request(payee or self.party, Money.parse(amount, "EUR"), "two chairs", (), expires_at)
        return self.say(asked, uuid7(), **more)  # type: ignore[arg-type]

    def claim(
        self, request: Message, amount: str = "120", *, payer: Party | None = None, at: datetime | None = None
    ) -> Message:
        claimed = Claim(message_digest(request), Money.parse(amount, "EUR"), payer or self.party)
        return self.say(claimed, request.session_id, at=at)

    def acknowledge(self, claim: Message, amount: str = "120", *, at: datetime | None = None) -> Message:
        received = Acknowledgement(claim.id, message_digest(claim), Money.parse(amount, "EUR"))
        return self.say(received, claim.session_id, at=at)

    def reject(self, claim: Message) -> Message:
        return self.say(Rejection(claim.id, message_digest(claim), "nothing arrived"), claim.session_id)

    def cancel(self, request: Message, *, at: datetime | None = None) -> Message:
        return self.say(Cancellation(message_digest(request)), request.session_id, at=at)

    def credential(self, message: Message) -> str:
        return issue(message, self.key).json

    def text(self, message: Message) -> str:
        return armour.wrap(compact.pack(json.loads(self.credential(message))))
