"""The end of sessions that are over: handed out to be archived, then deleted.

What a party signed cannot open such a session again, since its request has expired; and its request ids are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter

from services.runtime.log import log
from services.sessions.domain import Recorded, Session, fold

# So long a retry may rely on its request id, which leads to a message.
ENDED_FOR_MIN = timedelta(days=1)
# The payee may still answer, and has had as long again as any request can last.
UNANSWERED_FOR = timedelta(days=366)
# Whoever was given a session and has not deleted it by then is taken for dead.
TAKEN_FOR = timedelta(minutes=5)


_DELETED = Counter("counterfoil_sessions_deleted", "Sessions deleted after they were archived.")


@dataclass(frozen=True, slots=True)
class Old:
    """A session that was opened long ago."""

    id: UUID
    conversation: Sequence[Recorded]
    last_recorded_at: datetime


class Store(Protocol):
    async def forget_calls(self, before: datetime) -> None: ...

    async def opened_before(self, moment: datetime, after: UUID | None, size: int) -> list[Old]:
        """Those with a greater id than `after`, in the order of their ids."""
        ...

    async def take(self, ids: Collection[UUID], now: datetime, stale: datetime) -> list[UUID]:
        """Marks those that nobody has taken since `stale`, and returns them in the order of their ids."""
        ...

    async def delete(self, sequences: Mapping[UUID, int]) -> list[UUID]:
        """Deletes those that were taken and whose last event still has that number."""
        ...


class Retention:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def take(self, ended_for: timedelta, after: UUID | None, size: int) -> tuple[list[UUID], UUID | None]:
        """Of so many old sessions those that are over, and where to go on."""
        assert ended_for >= ENDED_FOR_MIN
        now = self._now()
        await self._store.forget_calls(now - ENDED_FOR_MIN)
        found = await self._store.opened_before(now - ended_for, after, size)
        over = [each.id for each in found if _has_ended(each, ended_for, now)]
        taken = await self._store.take(over, now, now - TAKEN_FOR) if over else []
        return taken, found[-1].id if len(found) == size else None

    async def delete(self, sequences: Mapping[UUID, int]) -> list[UUID]:
        deleted = await self._store.delete(sequences) if sequences else []
        _DELETED.inc(len(deleted))
        for session_id in deleted:
            log.info("session deleted", session_id=str(session_id))
        return deleted


def has_ended(session: Session, last_recorded_at: datetime, ended_for: timedelta, now: datetime) -> bool:
    """Also a cancelled one lasts until its expiry: until then its signed request would open it again."""
    is_answered = all(each.answer for each in session.claims)
    needed = ended_for if is_answered else max(ended_for, UNANSWERED_FOR)
    return max(session.request.expires_at, last_recorded_at) + needed <= now


def _has_ended(old: Old, ended_for: timedelta, now: datetime) -> bool:
    session = fold(old.conversation)
    return session is not None and has_ended(session, old.last_recorded_at, ended_for, now)
