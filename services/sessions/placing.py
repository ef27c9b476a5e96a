"""Why messages are no part of a session: the same rules as those of the fold, said in reverse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.messages.message import Acknowledgement, Cancellation, Claim, Message, Rejection
from services.sessions.domain import (
    Flaw,
    Recorded,
    Session,
    flaw_of_answer,
    flaw_of_cancellation,
    flaw_of_claim,
    opens,
)


def flaws(messages: Iterable[Recorded], session: Session) -> dict[bytes, Flaw]:
    """Why each of the messages that made a session is no part of it, by their digests."""
    distinct = {each.digest: each for each in messages}.values()
    part = {(message.issuer, message.id): message for message in parts(session)}
    return {
        each.digest: flaw
        for each in distinct
        for counted in [part.get((each.message.issuer, each.message.id))]
        if counted != each.message
        for flaw in [Flaw.ID_USED_BEFORE if counted else _flaw(each.message, session)]
    }


def parts(session: Session) -> Iterator[Message]:
    """The messages that the session is made of."""
    yield session.opening.message
    for claim in session.claims:
        yield claim.claim.message
        if claim.answer:
            yield claim.answer
    if session.cancellation:
        yield session.cancellation


def _flaw(message: Message, session: Session) -> Flaw:
    opening, flaw = session.opening, None
    match message.statement:
        case Claim():
            flaw = flaw_of_claim(message, opening, session.cancellation)
        case Acknowledgement() | Rejection():
            flaw = flaw_of_answer(message, opening, {each.claim.digest: each.claim for each in session.claims})
        case Cancellation():
            flaw = flaw_of_cancellation(message, opening)
        case _ if not opens(message):
            flaw = Flaw.NOT_THE_PARTY
    return flaw or Flaw.PLACE_TAKEN
