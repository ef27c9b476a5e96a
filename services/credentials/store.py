"""The service's own database: its wrapped keys and the credentials it issued. SQL is here and in status_store alone.

The statements are Core, made once, and the same for SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Table, bindparam, delete, exists, false, select, update
from sqlalchemy.dialects.postgresql import insert

from services.credentials import status_store
from services.credentials.domain import Credential, KeyState
from services.credentials.keys import WrappedKey
from services.credentials.reading import stated
from services.credentials.status_lists import Place
from services.credentials.tables import CredentialRow, IssuerKeyRow
from services.messages.message import Kind, Message
from services.runtime.database import Database
from services.runtime.prepared import Prepared

_KEY: Table = IssuerKeyRow.__table__  # type: ignore[attr-defined]
_CREDENTIAL: Table = CredentialRow.__table__  # type: ignore[attr-defined]
_COLUMNS = (
    _CREDENTIAL.c.message_id,
    _CREDENTIAL.c.session_id,
    _CREDENTIAL.c.kind,
    _CREDENTIAL.c.issuer,
    _CREDENTIAL.c.digest,
    _CREDENTIAL.c.json,
)

_ALL_KEYS = select(_KEY).order_by(_KEY.c.created_at.desc(), _KEY.c.current.desc())
_KEY_IS_CURRENT = select(_KEY.c.current).where(_KEY.c.did == bindparam("key"))
_RETIRE = (
    update(_KEY)
    .where(_KEY.c.did == bindparam("retired"), _KEY.c.current)
    .values(current=false(), retired_at=bindparam("at"))
)
_REVOKE_KEY = (
    update(_KEY)
    .where(_KEY.c.did == bindparam("revoked"), _KEY.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"), wrapped=b"", nonce=b"")
)
_REWRAP = (
    update(_KEY)
    .where(_KEY.c.did == bindparam("key"), _KEY.c.revoked_at.is_(None))
    .values(wrapped=bindparam("wrapping"), nonce=bindparam("its_nonce"))
)
_ADD_KEY = insert(_KEY).on_conflict_do_nothing()
_IS_REVOKED = exists().where(_KEY.c.did == bindparam("key"), _KEY.c.revoked_at.is_not(None))
# What a revoked key signed a moment ago, unaware, is not kept.
_ADD = Prepared(
    insert(_CREDENTIAL)
    .from_select(
        [*(each.name for each in _COLUMNS), "created_at"],
        select(*(bindparam(each.name, type_=each.type) for each in (*_COLUMNS, _CREDENTIAL.c.created_at))).where(
            ~_IS_REVOKED
        ),
    )
    .on_conflict_do_nothing(index_elements=["message_id"])
)
_BY_MESSAGE = Prepared(select(*_COLUMNS).where(_CREDENTIAL.c.message_id == bindparam("message_id")))
_JSON_BY_DIGEST = Prepared(select(_CREDENTIAL.c.json).where(_CREDENTIAL.c.digest == bindparam("digest")))
_OF_SESSION = (
    select(*_COLUMNS)
    .where(_CREDENTIAL.c.session_id == bindparam("session_id"), _CREDENTIAL.c.message_id > bindparam("after"))
    .order_by(_CREDENTIAL.c.message_id)
    .limit(bindparam("count"))
)
_DELETE_OF_SESSIONS = delete(_CREDENTIAL).where(_CREDENTIAL.c.session_id.in_(bindparam("session_ids", expanding=True)))


class SqlStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, credential: Credential, key: str, place: Place | None = None) -> Credential | None:
        """Keeps a credential at its place, or returns the one that was kept before under its message id.

        None when neither, since the key that signed it was revoked. Raises HasAPlace when it was given another place.
        """
        return await self._database.write(partial(_add, credential, key, place))

    async def get(self, message_id: UUID) -> Credential | None:
        return await self._database.look_up(partial(_get, str(message_id)))

    async def of_session(self, session_id: UUID, after: UUID | None, count: int) -> list[Credential]:
        """At most `count` of a session's credentials, those with greater message ids than `after`."""
        asked = {"session_id": str(session_id), "after": str(after) if after else "", "count": count}
        return await self._database.read(
            lambda connection: list(map(_credential, connection.execute(_OF_SESSION, asked)))
        )

    async def delete_of_sessions(self, session_ids: Collection[UUID]) -> None:
        asked = {"session_ids": [str(each) for each in session_ids]}
        await self._database.write(lambda connection: connection.execute(_DELETE_OF_SESSIONS, asked).close())

    async def find(self, digest: bytes) -> Message | None:
        """The message with that digest, if it was issued here."""
        row = await self._database.look_up(partial(_JSON_BY_DIGEST.first, digest=digest))
        json = row and row[0]
        return stated(json) if json else None

    async def keys(self) -> list[WrappedKey]:
        """All keys, newest first."""
        return await self._database.read(lambda connection: list(map(_wrapped, connection.execute(_ALL_KEYS))))

    async def make_current(self, key: WrappedKey, *, instead_of: str | None) -> None:
        """Keeps a key as the current one, unless another has become current since `instead_of` was."""
        await self._database.write(partial(_make_current, key, instead_of))

    async def revoke_key(self, did: str, at: datetime, replacement: WrappedKey) -> bool:
        """Revokes a key and erases it; when it is current the replacement is. False when it was revoked before."""
        return await self._database.write(partial(_revoke_key, did, at, replacement))

    async def rewrap(self, keys: list[WrappedKey]) -> None:
        wrappings = [{"key": key.did, "wrapping": key.wrapped, "its_nonce": key.nonce} for key in keys]
        await self._database.write(lambda connection: connection.execute(_REWRAP, wrappings).close())


def _add(credential: Credential, key: str, place: Place | None, connection: Connection) -> Credential | None:
    if _ADD.run(connection, **_values(credential), key=key):
        if place:
            status_store.give(place, f"urn:uuid:{credential.message_id}", connection)
        return credential
    return _get(credential.message_id, connection)


def _get(message_id: str, connection: Connection) -> Credential | None:
    row = _BY_MESSAGE.first(connection, message_id=message_id)
    return _credential(row) if row else None


def _make_current(key: WrappedKey, instead_of: str | None, connection: Connection) -> None:
    retired = {"retired": instead_of, "at": key.created_at}
    if instead_of is not None and not connection.execute(_RETIRE, retired).rowcount:
        return
    # Where another process was first, the unique index lets this key go unused.
    connection.execute(_ADD_KEY, _key_values(key))


def _revoke_key(did: str, at: datetime, replacement: WrappedKey, connection: Connection) -> bool:
    if connection.execute(_KEY_IS_CURRENT, {"key": did}).scalar():
        _make_current(replacement, did, connection)
    return bool(connection.execute(_REVOKE_KEY, {"revoked": did, "at": at}).rowcount)


def _values(credential: Credential) -> dict[str, Any]:
    return {
        "message_id": credential.message_id,
        "session_id": credential.session_id,
        "kind": credential.kind.value,
        "issuer": credential.issuer,
        "digest": credential.digest,
        "json": credential.json,
        "created_at": datetime.now(UTC),
    }


def _key_values(key: WrappedKey) -> dict[str, Any]:
    return {
        "did": key.did,
        "suite": key.kind,
        "wrapped": key.wrapped,
        "nonce": key.nonce,
        "current": key.state is KeyState.CURRENT,
        "created_at": key.created_at,
        "retired_at": key.retired_at,
        "revoked_at": key.revoked_at,
    }


def _wrapped(row: Row[Any]) -> WrappedKey:
    created_at, retired_at, revoked_at = map(_in_utc, (row.created_at, row.retired_at, row.revoked_at))
    assert created_at
    return WrappedKey(row.did, row.suite, row.wrapped, row.nonce, created_at, retired_at, revoked_at)


def _in_utc(moment: datetime | None) -> datetime | None:
    """SQLite keeps no time zone; all times written are UTC."""
    return moment and moment.replace(tzinfo=UTC)


def _credential(row: Any) -> Credential:
    message_id, session_id, kind, issuer, digest, json = row
    return Credential(message_id, session_id, Kind(kind), issuer, digest, json)
