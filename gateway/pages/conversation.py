"""A session as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from gateway.flows import Payments
from gateway.pages.links import link_of
from gateway.pages.links.asked import Asked, Link
from services.messages.money import Money


@dataclass(frozen=True, slots=True)
class Conversation:
    session: session_pb2.Session
    # By message id. A message recorded under a key that was revoked since has none.
    credentials: dict[str, credential_pb2.Credential]

    @property
    def request(self) -> message_pb2.Request:
        return self.session.request.request

    @property
    def methods(self) -> list[tuple[message_pb2.PaymentMethod, Link | None]]:
        return [(each, link_of(each.method, each.details, self.asked)) for each in self.request.methods]

    @property
    def asked(self) -> Asked:
        amount = self.request.amount
        return Asked(self.request.payee.handle, amount.amount, amount.currency, self.request.description)

    @property
    def outstanding(self) -> str:
        """What a claim would be of, to begin with; empty when all has come."""
        wanted, paid = _minor_units(self.session.requested_amount), _minor_units(self.session.paid_amount)
        return Money(wanted - paid, self.session.requested_amount.currency).amount if paid < wanted else ""

    @property
    def progress(self) -> int:
        """How much of what was asked for has been received, in thousandths."""
        wanted, paid = _minor_units(self.session.requested_amount), _minor_units(self.session.paid_amount)
        return min(paid * 1000 // wanted, 1000)

    @property
    def seconds_left(self) -> int:
        """By the server's clock; the page counts down from there, whatever its own clock says."""
        return max(int(self.session.expire_time.seconds - datetime.now(UTC).timestamp()), 0)

    @property
    def is_open(self) -> bool:
        """Whether claims are taken."""
        closed = (session_pb2.SESSION_STATUS_EXPIRED, session_pb2.SESSION_STATUS_CANCELLED)
        return self.session.status not in closed and self.seconds_left > 0

    @property
    def is_settled(self) -> bool:
        return self.session.status == session_pb2.SESSION_STATUS_RECEIVED

    def message(self, id: str) -> message_pb2.Message | None:
        return next((each for each in messages_of(self.session) if each.id == id), None)


async def read(payments: Payments, session_id: str) -> Conversation:
    found = await payments.get_session(pb.GetSessionRequest(session_id=session_id))
    return Conversation(found.session, {each.message_id: each for each in found.credentials})


async def verdicts(payments: Payments, conversation: Conversation) -> dict[str, credential_pb2.Verdict]:
    """What the checks find of the request and of each answer, by message id. A claim is shown as a claim."""
    found = conversation.credentials
    return {
        message.id: await payments.verify_credential(found[message.id].json)
        for message in messages_of(conversation.session)
        if message.WhichOneof("statement") != "claim" and message.id in found
    }


def messages_of(session: session_pb2.Session) -> Iterator[message_pb2.Message]:
    yield session.request
    for claim in session.claims:
        yield claim.message
        if claim.HasField("answer"):
            yield claim.answer
    if session.HasField("cancellation"):
        yield session.cancellation


def _minor_units(amount: message_pb2.Money) -> int:
    """Amounts in answers are canonical: they have all of the currency's decimals. Also of nothing, "0.00"."""
    return int(amount.amount.replace(".", ""))
