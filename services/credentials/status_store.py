"""Places in status lists and what became of them, in the service's own database."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from random import Random

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_if_free
from sqlalchemy.exc import IntegrityError

from services.credentials.status_lists import ENTRIES, HasAPlace, Place
from services.credentials.tables import StatusEntryRow, StatusListRow
from services.runtime.database import Database

# A list with so many places taken gives no more, so that a free one is found in four tries.
FULL_AT = ENTRIES * 3 // 4

_LIST: Table = StatusListRow.__table__  # type: ignore[attr-defined]
_ENTRY: Table = StatusEntryRow.__table__  # type: ignore[attr-defined]

_PLACE_OF = select(_ENTRY.c.list_id, _ENTRY.c.index).where(_ENTRY.c.credential_id == bindparam("id"))
_OPEN_LIST = (
    select(_LIST.c.id, _LIST.c.used)
    .where(_LIST.c.issuer == bindparam("issuer"), _LIST.c.used < bindparam("full_at"))
    .order_by(_LIST.c.id.desc())
    .limit(1)
)
_ADD_LIST = insert(_LIST)
_RESERVE = insert_if_free(_ENTRY).on_conflict_do_nothing(index_elements=["list_id", "index"]).returning(_ENTRY.c.index)
_COUNT_USED = update(_LIST).where(_LIST.c.id == bindparam("list")).values(used=_LIST.c.used + bindparam("more"))
_GIVE = (
    update(_ENTRY)
    .where(_ENTRY.c.list_id == bindparam("list"), _ENTRY.c.index == bindparam("place"))
    .values(credential_id=bindparam("id"))
)
_COUNT_REVOKED = update(_LIST).where(_LIST.c.id == bindparam("list")).values(revoked=_LIST.c.revoked + 1)
_REVOKE = (
    update(_ENTRY)
    .where(_ENTRY.c.credential_id == bindparam("id"), _ENTRY.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_AT_PLACE = select(_ENTRY.c.credential_id, _ENTRY.c.revoked_at).where(
    _ENTRY.c.list_id == bindparam("list"), _ENTRY.c.index == bindparam("place")
)
_LIST_BY_ID = select(_LIST.c.issuer, _LIST.c.revoked).where(_LIST.c.id == bindparam("list"))
_REVOKED_IN = select(_ENTRY.c.index).where(_ENTRY.c.list_id == bindparam("list"), _ENTRY.c.revoked_at.is_not(None))


class SqlStatusStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, issuer: str, count: int, at: datetime) -> list[Place]:
        """Random places of nobody in one of the issuer's lists, so many at most."""
        return await self._database.write(partial(_reserve, issuer, count, at))

    async def place_of(self, credential_id: str, issuer: str, at: datetime) -> Place:
        """The place of a credential: the one it has, or a random free one, which then is its own."""
        try:
            return await self._database.write(partial(_place_of, credential_id, issuer, at))
        except HasAPlace:  # Another process gave it one at the same moment.
            return await self._database.write(partial(_place_of, credential_id, issuer, at))

    async def revoke(self, credential_id: str, at: datetime) -> tuple[Place | None, bool]:
        """The credential's place, if it has one, and whether it was good until now."""
        return await self._database.write(partial(_revoke, credential_id, at))

    async def at_place(self, place: Place) -> tuple[str, bool] | None:
        """Whose place it is, and whether that was revoked; None when it is nobody's."""
        asked = {"list": place.list_id, "place": place.index}
        row = await self._database.read(lambda connection: connection.execute(_AT_PLACE, asked).first())
        return (row.credential_id, row.revoked_at is not None) if row and row.credential_id else None

    async def list(self, list_id: int) -> tuple[str, int] | None:
        """The issuer of a list, and how many of its places are revoked, which tells one version from another."""
        row = await self._database.read(lambda connection: connection.execute(_LIST_BY_ID, {"list": list_id}).first())
        return (row.issuer, row.revoked) if row else None

    async def revoked_in(self, list_id: int) -> frozenset[int]:
        return await self._database.read(
            lambda connection: frozenset(connection.execute(_REVOKED_IN, {"list": list_id}).scalars())
        )


def give(place: Place, credential_id: str, connection: Connection) -> None:
    """Makes a reserved place the credential's own. Raises HasAPlace."""
    given = {"list": place.list_id, "place": place.index, "id": credential_id}
    try:
        connection.execute(_GIVE, given)
    except IntegrityError:
        raise HasAPlace from None


def _place_of(credential_id: str, issuer: str, at: datetime, connection: Connection) -> Place:
    if row := connection.execute(_PLACE_OF, {"id": credential_id}).first():
        return Place(*row)
    while not (places := _reserve(issuer, 1, at, connection)):
        pass
    give(places[0], credential_id, connection)
    return places[0]


def _reserve(issuer: str, count: int, at: datetime, connection: Connection) -> list[Place]:
    """Fewer than so many where some of those drawn are taken, which of a list that is nearly full three in four are."""
    list_id, used = _open_list(issuer, at, connection)
    chance = Random(secrets.token_bytes(16))  # noqa: S311 - for one draw; the system's own takes seven times as long
    drawn = chance.sample(range(ENTRIES), min(count, FULL_AT - used))
    entries = [{"list_id": list_id, "index": index, "created_at": at} for index in drawn]
    free = connection.execute(_RESERVE, entries).scalars().all()
    if free:
        connection.execute(_COUNT_USED, {"list": list_id, "more": len(free)})
    return [Place(list_id, index) for index in free]


def _open_list(issuer: str, at: datetime, connection: Connection) -> tuple[int, int]:
    if row := connection.execute(_OPEN_LIST, {"issuer": issuer, "full_at": FULL_AT}).first():
        return row.id, row.used
    fresh = {"issuer": issuer, "used": 0, "revoked": 0, "created_at": at}
    return connection.execute(_ADD_LIST, fresh).inserted_primary_key[0], 0  # type: ignore[index]


def _revoke(credential_id: str, at: datetime, connection: Connection) -> tuple[Place | None, bool]:
    row = connection.execute(_PLACE_OF, {"id": credential_id}).first()
    if row is None or not connection.execute(_REVOKE, {"id": credential_id, "at": at}).rowcount:
        return (Place(*row) if row else None), False
    connection.execute(_COUNT_REVOKED, {"list": row.list_id})
    return Place(*row), True
