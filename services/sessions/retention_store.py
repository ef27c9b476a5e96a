"""Old sessions in the database of the service, and how they leave it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Table, bindparam, delete, or_, select, update

from services.runtime.database import Database
from services.sessions.retention import Old
from services.sessions.store import FORGET, FORGOTTEN_MAX, SEQUENCES, Base, recorded_of

_session: Table = Base.metadata.tables["session"]
_message: Table = Base.metadata.tables["message"]

_IDS: BindParameter[UUID] = bindparam("ids", expanding=True)
_OPENED_BEFORE = (
    select(_session.c.id)
    .where(_session.c.id > bindparam("after"), _session.c.id < bindparam("before"))
    .order_by(_session.c.id)
    .limit(bindparam("size"))
)
_OLD = (
    select(_message.c.session_id, _message.c.document, _message.c.digest, _message.c.recorded_at)
    .where(_message.c.session_id.in_(_OPENED_BEFORE.scalar_subquery()))
    .order_by(_message.c.session_id, _message.c.sequence)
)
_TAKE = (
    update(_session)
    .where(_session.c.id.in_(_IDS), or_(_session.c.taken_at.is_(None), _session.c.taken_at < bindparam("stale")))
    .values(taken_at=bindparam("now"))
    .returning(_session.c.id)
)
# Nobody adds a message to them from here on.
_LOCKED = (
    select(_session.c.id)
    .where(_session.c.id.in_(_IDS), _session.c.taken_at.is_not(None))
    .order_by(_session.c.id)
    .with_for_update()
)
_DELETE_MESSAGES = delete(_message).where(_message.c.session_id.in_(_IDS))
_DELETE_SESSIONS = delete(_session).where(_session.c.id.in_(_IDS))


class SqlRetentionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_calls(self, before: datetime) -> None:
        """In small helpings, between which others write."""
        forgotten = FORGOTTEN_MAX
        while forgotten == FORGOTTEN_MAX:
            forgotten = await self._database.write(
                lambda connection: connection.execute(FORGET, {"before": before}).rowcount
            )

    async def opened_before(self, moment: datetime, after: UUID | None, size: int) -> list[Old]:
        asked = {"after": after or UUID(int=0), "before": _first_id_of(moment), "size": size}
        return await self._database.read(lambda connection: _old(connection, asked))

    async def take(self, ids: Collection[UUID], now: datetime, stale: datetime) -> list[UUID]:
        asked = {"ids": ids, "now": now, "stale": stale}
        taken = await self._database.write(lambda connection: connection.execute(_TAKE, asked).scalars().all())
        return sorted(taken)

    async def delete(self, sequences: Mapping[UUID, int]) -> list[UUID]:
        return await self._database.write(lambda connection: _delete(connection, sequences))


def _old(connection: Connection, asked: dict[str, object]) -> list[Old]:
    found = []
    for session_id, rows in groupby(connection.execute(_OLD, asked), lambda row: row.session_id):
        messages = list(rows)
        # SQLite keeps no time zone; all times written are UTC.
        last_recorded_at = max(each.recorded_at.replace(tzinfo=UTC) for each in messages)
        found.append(Old(session_id, [recorded_of(row.document, row.digest) for row in messages], last_recorded_at))
    return found


def _delete(connection: Connection, sequences: Mapping[UUID, int]) -> list[UUID]:
    locked = connection.execute(_LOCKED, {"ids": list(sequences)}).scalars().all()
    found = connection.execute(SEQUENCES, {"ids": locked}) if locked else ()
    now = {session_id: sequence for session_id, sequence, _ in found}
    unchanged = [each for each in locked if now.get(each) == sequences[each]]
    if unchanged:
        connection.execute(_DELETE_MESSAGES, {"ids": unchanged})
        connection.execute(_DELETE_SESSIONS, {"ids": unchanged})
    return unchanged


def _first_id_of(moment: datetime) -> UUID:
    """Less than any UUIDv7 made from then on (RFC 9562, section 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
