"""The service's own database: its wrapped keys and the credentials it issued. The only place with SQL.

The tables are declared once, for the migrations and the tests of them; the statements are Core, made once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    bindparam,
    false,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.credentials.domain import Credential
from services.credentials.keys import WrappedKey
from services.credentials.reading import stated
from services.messages.message import Kind, Message
from services.runtime.database import Database

REVISIONS = Path(__file__).parent / "revisions"


class Base(SQLModel, registry=registry(metadata=MetaData())):
    """Its own metadata, since SQLModel's is shared by everything in the process."""


class IssuerKeyRow(Base, table=True):
    __tablename__ = "issuer_key"
    __table_args__ = (
        # One key is current at most, however many processes start at once.
        Index(
            "issuer_key_current", "current", unique=True, sqlite_where=text("current"), postgresql_where=text("current")
        ),
    )

    did: str = Field(primary_key=True)
    suite: str
    wrapped: bytes
    nonce: bytes
    current: bool
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class CredentialRow(Base, table=True):
    __tablename__ = "credential"
    # A session is listed in the order of its message ids.
    __table_args__ = (Index("credential_session", "session_id", "message_id"),)

    # The canonical text of a UUIDv7, whose order is that of time.
    message_id: str = Field(primary_key=True)
    session_id: str
    kind: str
    issuer: str
    digest: bytes = Field(unique=True)
    secured: str = Field(sa_column=Column("json", Text, nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


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

_ALL_KEYS = select(_KEY)
_RETIRE = update(_KEY).where(_KEY.c.did == bindparam("retired"), _KEY.c.current).values(current=false())
_ADD_KEY = insert(_KEY).on_conflict_do_nothing()
_ADD = insert(_CREDENTIAL).on_conflict_do_nothing(index_elements=["message_id"])
_BY_MESSAGE = select(*_COLUMNS).where(_CREDENTIAL.c.message_id == bindparam("message_id"))
_JSON_BY_DIGEST = select(_CREDENTIAL.c.json).where(_CREDENTIAL.c.digest == bindparam("digest"))
_OF_SESSION = (
    select(*_COLUMNS)
    .where(_CREDENTIAL.c.session_id == bindparam("session_id"), _CREDENTIAL.c.message_id > bindparam("after"))
    .order_by(_CREDENTIAL.c.message_id)
    .limit(bindparam("count"))
)


class SqlStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, credential: Credential) -> Credential:
        """Keeps a credential, or returns the one that was kept before under its message id."""
        return await self._database.write(partial(_add, credential))

    async def get(self, message_id: UUID) -> Credential | None:
        return await self._database.read(partial(_get, str(message_id)))

    async def of_session(self, session_id: UUID, after: UUID | None, count: int) -> list[Credential]:
        """At most `count` of a session's credentials, those with greater message ids than `after`."""
        asked = {"session_id": str(session_id), "after": str(after) if after else "", "count": count}
        return await self._database.read(
            lambda connection: list(map(_credential, connection.execute(_OF_SESSION, asked)))
        )

    async def find(self, digest: bytes) -> Message | None:
        """The message with that digest, if it was issued here."""
        json = await self._database.read(
            lambda connection: connection.execute(_JSON_BY_DIGEST, {"digest": digest}).scalar()
        )
        return stated(json) if json else None

    async def keys(self) -> list[WrappedKey]:
        rows = await self._database.read(lambda connection: connection.execute(_ALL_KEYS).all())
        return [WrappedKey(row.did, row.suite, row.wrapped, row.nonce, row.current) for row in rows]

    async def make_current(self, key: WrappedKey, *, instead_of: str | None) -> None:
        await self._database.write(partial(_make_current, key, instead_of))


def _add(credential: Credential, connection: Connection) -> Credential:
    if connection.execute(_ADD, _values(credential)).rowcount:
        return credential
    kept = _get(str(credential.message_id), connection)
    assert kept, "nothing else keeps a credential from being added"
    return kept


def _get(message_id: str, connection: Connection) -> Credential | None:
    row = connection.execute(_BY_MESSAGE, {"message_id": message_id}).first()
    return _credential(row) if row else None


def _make_current(key: WrappedKey, instead_of: str | None, connection: Connection) -> None:
    if instead_of is not None and not connection.execute(_RETIRE, {"retired": instead_of}).rowcount:
        return
    # Where another process was first, the unique index lets this key go unused.
    connection.execute(_ADD_KEY, _key_values(key))


def _values(credential: Credential) -> dict[str, Any]:
    return {
        "message_id": str(credential.message_id),
        "session_id": str(credential.session_id),
        "kind": credential.kind.value,
        "issuer": credential.issuer,
        "digest": credential.digest,
        "json": credential.json,
        "created_at": datetime.now(UTC),
    }


def _key_values(key: WrappedKey) -> dict[str, Any]:
    return {
        "did": key.did,
        "suite": key.cryptosuite,
        "wrapped": key.wrapped,
        "nonce": key.nonce,
        "current": key.current,
        "created_at": datetime.now(UTC),
    }


def _credential(row: Row[Any, Any, Any, Any, Any, Any]) -> Credential:
    message_id, session_id, kind, issuer, digest, json = row
    return Credential(UUID(message_id), UUID(session_id), Kind(kind), issuer, digest, json)
