"""Equivocation: two signed messages of one party that cannot both be honest. The two together are the proof."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from services.messages.message import Acknowledgement, Rejection, Request
from services.sessions.domain import Recorded, order


class Contradiction(Enum):
    MESSAGES_UNDER_ONE_ID = auto()
    REQUESTS_UNDER_ONE_SESSION = auto()
    ANSWERS_TO_ONE_CLAIM = auto()


@dataclass(frozen=True, slots=True)
class Equivocation:
    """`first` is the older by its own account; both are signed by the same issuer."""

    kind: Contradiction
    first: Recorded
    second: Recorded


def equivocations(messages: Iterable[Recorded]) -> tuple[Equivocation, ...]:
    """What parties contradict themselves in: each message that does, beside the oldest one that it contradicts.

    Depends on the set of messages alone, not on their order; a party once found is found whatever else arrives.
    An answer given twice, saying the same, is no contradiction.
    """
    oldest: dict[Hashable, Recorded] = {}
    found: dict[tuple[bytes, bytes], Equivocation] = {}
    for each in sorted({each.digest: each for each in messages}.values(), key=order):
        for kind, place in _places(each):
            first = oldest.setdefault(place, each)
            if first is not each and (kind is not Contradiction.ANSWERS_TO_ONE_CLAIM or _differ(first, each)):
                found.setdefault((first.digest, each.digest), Equivocation(kind, first, each))
    return tuple(found.values())


def _places(each: Recorded) -> Iterator[tuple[Contradiction, Hashable]]:
    """The places that a message takes, each of which one party may take once."""
    message, statement = each.message, each.message.statement
    yield Contradiction.MESSAGES_UNDER_ONE_ID, (message.issuer, message.id)
    if isinstance(statement, Request):
        yield Contradiction.REQUESTS_UNDER_ONE_SESSION, (message.issuer, message.session_id, Request)
    if isinstance(statement, Acknowledgement | Rejection):
        yield Contradiction.ANSWERS_TO_ONE_CLAIM, (message.issuer, statement.claim_digest)


def _differ(first: Recorded, second: Recorded) -> bool:
    return first.message.statement != second.message.statement
