"""Places in status lists and what became of them, in the service's own database."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_if_free

from services.credentials.status_lists import ENTRIES, Place
from services.credentials.tables import CredentialRow, StatusEntryRow, StatusListRow
from services.runtime.database import Database

# A list with so many places taken gives no more, so that a free one is found in four tries.
FULL_AT = ENTRIES * 3 // 4

_LIST: Table = StatusListRow.__table__  # type: ignore[attr-defined]
_ENTRY: Table = StatusEntryRow.__table__  # type: ignore[attr-defined]
_CREDENTIAL: Table = CredentialRow.__table__  # type: ignore[attr-defined]

_PLACE_OF = select(_ENTRY.c.list_id, _ENTRY.c.index).where(_ENTRY.c.credential_id == bindparam("id"))
_KEPT = select(_CREDENTIAL.c.message_id).where(_CREDENTIAL.c.message_id == bindparam("id"))
_OPEN_LIST = (
    select(_LIST.c.id)
    .where(_LIST.c.issuer == bindparam("issuer"), _LIST.c.used < bindparam("full_at"))
    .order_by(_LIST.c.id.desc())
    .limit(1)
)
_ADD_LIST = insert(_LIST)
_TAKE = (
    insert_if_free(_ENTRY)
    .on_conflict_do_nothing(index_elements=["list_id", "index"])
    .execution_options(preserve_rowcount=True)
)
_COUNT_USED = update(_LIST).where(_LIST.c.id == bindparam("list")).values(used=_LIST.c.used + 1)
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

    async def reserve(self, credential_id: str, issuer: str, at: datetime, message_id: str = "") -> Place | None:
        """The place of a credential: the one it has, or a random free one. None for a message signed without one."""
        return await self._database.write(partial(_reserve, credential_id, issuer, at, message_id))

    async def revoke(self, credential_id: str, at: datetime) -> tuple[Place | None, bool]:
        """The credential's place, if it has one, and whether it was good until now."""
        return await self._database.write(partial(_revoke, credential_id, at))

    async def at_place(self, place: Place) -> tuple[str, bool] | None:
        """Whose place it is, and whether that was revoked; None when it is nobody's."""
        asked = {"list": place.list_id, "place": place.index}
        row = await self._database.read(lambda connection: connection.execute(_AT_PLACE, asked).first())
        return (row.credential_id, row.revoked_at is not None) if row else None

    async def list(self, list_id: int) -> tuple[str, int] | None:
        """The issuer of a list, and how many of its places are revoked, which tells one version from another."""
        row = await self._database.read(lambda connection: connection.execute(_LIST_BY_ID, {"list": list_id}).first())
        return (row.issuer, row.revoked) if row else None

    async def revoked_in(self, list_id: int) -> frozenset[int]:
        return await self._database.read(
            lambda connection: frozenset(connection.execute(_REVOKED_IN, {"list": list_id}).scalars())
        )


def _reserve(credential_id: str, issuer: str, at: datetime, message_id: str, connection: Connection) -> Place | None:
    if row := connection.execute(_PLACE_OF, {"id": credential_id}).first():
        return Place(*row)
    if message_id and connection.execute(_KEPT, {"id": message_id}).first():
        return None
    list_id = connection.execute(_OPEN_LIST, {"issuer": issuer, "full_at": FULL_AT}).scalar()
    if list_id is None:
        fresh = {"issuer": issuer, "used": 0, "revoked": 0, "created_at": at}
        (list_id,) = connection.execute(_ADD_LIST, fresh).inserted_primary_key  # type: ignore[misc]
    entry = {"list_id": list_id, "credential_id": credential_id, "created_at": at}
    index = secrets.randbelow(ENTRIES)
    while not connection.execute(_TAKE, {**entry, "index": index}).rowcount:
        index = secrets.randbelow(ENTRIES)
    connection.execute(_COUNT_USED, {"list": list_id})
    return Place(list_id, index)


def _revoke(credential_id: str, at: datetime, connection: Connection) -> tuple[Place | None, bool]:
    row = connection.execute(_PLACE_OF, {"id": credential_id}).first()
    if row is None or not connection.execute(_REVOKE, {"id": credential_id, "at": at}).rowcount:
        return (Place(*row) if row else None), False
    connection.execute(_COUNT_REVOKED, {"list": row.list_id})
    return Place(*row), True
