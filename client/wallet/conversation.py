"""What has arrived under one session id, in any order and with duplicates: as sessions, and what is no part of any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.credentials.conversation import link_of
from services.messages.message import Kind
from services.sessions.contradictions import Equivocation, equivocations
from services.sessions.domain import Flaw, Recorded, Session, fold, opens, order
from services.sessions.placing import flaws


@dataclass(frozen=True, slots=True)
class Conversation:
    id: UUID
    # One for each request, since anybody may sign one under a session id they have seen. The wallet's own is first.
    sessions: tuple[Session, ...]
    # What answers a message that is not here yet.
    waiting: tuple[Recorded, ...]
    # What is whole and signed, but counts in no session, and why.
    aside: tuple[tuple[Recorded, Flaw], ...]
    equivocations: tuple[Equivocation, ...]


def conversation(messages: Iterable[Recorded], did: str) -> Conversation:
    """Depends on the set of messages alone. They are of one session id, at least one; `did` is that of the wallet."""
    known = {each.digest: each for each in sorted(messages, key=order)}
    answers = [each for each in known.values() if each.message.kind is not Kind.REQUEST]
    requests = [each for each in known.values() if each.message.kind is Kind.REQUEST]
    sessions = sorted(
        filter(None, (fold([each, *answers]) for each in requests)), key=lambda each: _is_strange(each, did)
    )
    folded = [(each, flaws([each.opening, *answers], each)) for each in sessions]
    openings = {each.opening.digest for each in sessions}
    found = {
        each.digest: [flawed[each.digest] for _, flawed in folded if each.digest in flawed]
        for each in known.values()
        if each.digest not in openings
    }
    uncounted = [known[digest] for digest, reasons in found.items() if len(reasons) == len(folded)]
    waiting = {each.digest: each for each in uncounted if _waits(each, known)}
    aside = [(each, _flaw(each, found[each.digest])) for each in uncounted if each.digest not in waiting]
    return Conversation(
        next(iter(known.values())).message.session_id,
        tuple(sessions),
        tuple(waiting.values()),
        tuple(aside),
        equivocations(known.values()),
    )


def _is_strange(session: Session, did: str) -> tuple[bool, bool]:
    """The wallet's own request comes first, then one that it has claimed under, then the oldest."""
    own = session.opening.message.issuer == did
    return not own, not any(each.claim.message.issuer == did for each in session.claims)


def _waits(each: Recorded, known: Mapping[bytes, Recorded]) -> bool:
    """Whether what it answers has not arrived, or itself waits. A stranger's chain of messages may be of any length."""
    while link := link_of(each.message):
        if link.digest not in known:
            return True
        each = known[link.digest]
    return False


def _flaw(each: Recorded, reasons: list[Flaw]) -> Flaw:
    if each.message.kind is Kind.REQUEST:
        return Flaw.ID_USED_BEFORE if opens(each.message) else Flaw.NOT_THE_PARTY
    return next((reason for reason in reasons if reason is not Flaw.UNLINKED), Flaw.UNLINKED)
