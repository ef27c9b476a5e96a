"""Sessions in a SQL database: an append-only table of messages, which is the event log, and what cannot be derived."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, DateTime, Table, UniqueConstraint, bindparam, delete, func, insert, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.messages.document import canonical_document, from_canonical_document
from services.messages.message import Message
from services.messages.recent import Recent
from services.runtime.database import Database
from services.runtime.prepared import Prepared
from services.sessions.domain import Recorded, answered_claim
from services.sessions.usecases import Retry, Transaction

T = TypeVar("T")

REMEMBERED = timedelta(hours=24)
# In small helpings, since a call waits for each; two processes never take the same ones.
_FORGET_EVERY = timedelta(seconds=1)
FORGOTTEN_MAX = 2000
# What a conversation said is read again with each of its messages.
_READ: Recent[bytes, Recorded] = Recent(1000)


class Base(SQLModel, registry=registry()):
    """Tables of this service alone."""


class SessionRow(Base, table=True):
    __tablename__ = "session"

    id: UUID = Field(primary_key=True)
    payee_token_hash: bytes
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    # When it was handed out to be archived.
    taken_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class MessageRow(Base, table=True):
    """A message, which is also the event that watchers see. The unique columns hold the rules of last resort."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("session_id", "sequence"),)

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    # 1 for the request; no gaps.
    sequence: int
    # The claim that this message answers: a claim is answered once.
    answers: UUID | None = Field(default=None, unique=True)
    digest: bytes
    # The canonical unsigned credential, the very bytes that the digest is over.
    document: bytes
    # The credential of a message that a party signed itself, as JSON; the service's own are kept where its keys are.
    credential: str | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class RequestRow(Base, table=True):
    """A call that was made under a request id."""

    __tablename__ = "request"

    id: UUID = Field(primary_key=True)
    fingerprint: bytes
    message_id: UUID
    created_at: datetime = Field(index=True, sa_type=DateTime(timezone=True))


_session: Table = Base.metadata.tables["session"]
_message: Table = Base.metadata.tables["message"]
_request: Table = Base.metadata.tables["request"]

_CONVERSATION = Prepared(
    select(_message.c.document, _message.c.digest)
    .where(_message.c.session_id == bindparam("session_id"))
    .order_by(_message.c.sequence)
)
# Who writes to a session writes alone. PostgreSQL keeps a second one waiting here, who then reads what the first has
# added; SQLite has one writer in any case and reads over the lock.
_LOCKED = Prepared(
    select(_session.c.payee_token_hash).where(_session.c.id == bindparam("id")).with_for_update(key_share=True)
)
_REMEMBERED = Prepared(
    select(_request.c.fingerprint, _message.c.document, _message.c.digest)
    .join(_message, _message.c.id == _request.c.message_id)
    .where(_request.c.id == bindparam("id"))
)
_FOUND = Prepared(select(_message.c.document, _message.c.digest).where(_message.c.id == bindparam("id")))
_CREDENTIAL = select(_message.c.credential).where(_message.c.id == bindparam("id"))
_NEWEST = select(_session.c.id).order_by(_session.c.id.desc()).limit(bindparam("size"))
_BEFORE = _NEWEST.where(_session.c.id < bindparam("before"))
_CONVERSATIONS, _CONVERSATIONS_BEFORE = (
    select(_message.c.session_id, _message.c.document, _message.c.digest)
    .where(_message.c.session_id.in_(ids.scalar_subquery()))
    .order_by(_message.c.session_id.desc(), _message.c.sequence)
    for ids in (_NEWEST, _BEFORE)
)
SEQUENCES = (
    select(_message.c.session_id, func.max(_message.c.sequence), func.max(_message.c.recorded_at))
    .where(_message.c.session_id.in_(bindparam("ids", expanding=True)))
    .group_by(_message.c.session_id)
)
_ADD_SESSION = Prepared(insert(_session), ("id", "payee_token_hash", "created_at"))
_ADD_MESSAGE = Prepared(insert(_message), _message.c.keys())
_ADD_REQUEST = Prepared(insert(_request), _request.c.keys())
_FORGOTTEN = (
    select(_request.c.id)
    .where(_request.c.created_at < bindparam("before"))
    .order_by(_request.c.created_at)
    .limit(FORGOTTEN_MAX)
    .with_for_update(skip_locked=True)
)
FORGET = delete(_request).where(_request.c.id.in_(_FORGOTTEN.scalar_subquery()))


class SqlStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgot_at = datetime.min.replace(tzinfo=UTC)

    async def write(self, effect: Callable[[Transaction], T]) -> T:
        return await self._database.write(lambda connection: effect(SqlTransaction(connection, self)))

    async def conversation(self, session_id: UUID) -> list[Recorded]:
        return await self._database.read(lambda connection: _conversation(connection, session_id))

    async def sequences(self, session_ids: Collection[UUID]) -> list[tuple[UUID, int, datetime]]:
        """The last sequence number of each of the sessions, and when it was recorded."""
        # SQLite keeps no time zone; all times written are UTC.
        return await self._database.read(
            lambda connection: [
                (session_id, sequence, recorded_at.replace(tzinfo=UTC))
                for session_id, sequence, recorded_at in connection.execute(SEQUENCES, {"ids": session_ids})
            ]
        )

    async def page(self, before: UUID | None, size: int) -> list[list[Recorded]]:
        return await self._database.read(lambda connection: _page(connection, before, size))

    async def signed_credential(self, message_id: UUID) -> str | None:
        return await self._database.read(
            lambda connection: connection.execute(_CREDENTIAL, {"id": message_id}).scalar()
        )

    def forget(self, connection: Connection, now: datetime) -> None:
        """Drops request ids that are no longer remembered."""
        if now - self._forgot_at > _FORGET_EVERY:
            self._forgot_at = now
            connection.execute(FORGET, {"before": now - REMEMBERED})


class SqlTransaction:
    def __init__(self, connection: Connection, store: SqlStore) -> None:
        self._connection = connection
        self._store = store
        self._token_hashes: dict[UUID, bytes] = {}

    def conversation(self, session_id: UUID) -> list[Recorded]:
        self._lock(session_id)
        return _conversation(self._connection, session_id)

    def token_hash(self, session_id: UUID) -> bytes:
        if session_id not in self._token_hashes:
            self._lock(session_id)
        return self._token_hashes[session_id]

    def add_session(self, session_id: UUID, token_hash: bytes, now: datetime) -> None:
        _ADD_SESSION.run(self._connection, id=session_id, payee_token_hash=token_hash, created_at=now)

    def append(self, sequence: int, recorded: Recorded, now: datetime, credential: str | None) -> None:
        message = recorded.message
        _READ.put(recorded.digest, recorded)
        _ADD_MESSAGE.run(
            self._connection,
            id=message.id,
            session_id=message.session_id,
            sequence=sequence,
            answers=answered_claim(message.statement),
            digest=recorded.digest,
            document=canonical_document(message),
            credential=credential,
            recorded_at=now,
        )

    def find(self, message_id: UUID) -> Recorded | None:
        row = _FOUND.first(self._connection, id=message_id)
        return recorded_of(*row) if row else None

    def remembered(self, request_id: UUID) -> tuple[bytes, Message] | None:
        row = _REMEMBERED.first(self._connection, id=request_id)
        if row is None:
            return None
        fingerprint, document, digest = row
        return fingerprint, recorded_of(document, digest).message

    def _lock(self, session_id: UUID) -> None:
        if row := _LOCKED.first(self._connection, id=session_id):
            self._token_hashes[session_id] = row[0]

    def remember(self, retry: Retry, message_id: UUID, now: datetime) -> None:
        self._store.forget(self._connection, now)
        _ADD_REQUEST.run(
            self._connection, id=retry.request_id, fingerprint=retry.fingerprint, message_id=message_id, created_at=now
        )


def _conversation(connection: Connection, session_id: UUID) -> list[Recorded]:
    return [recorded_of(*row) for row in _CONVERSATION.rows(connection, session_id=session_id)]


def _page(connection: Connection, before: UUID | None, size: int) -> list[list[Recorded]]:
    asked = {"size": size} if before is None else {"size": size, "before": before}
    rows = connection.execute(_CONVERSATIONS if before is None else _CONVERSATIONS_BEFORE, asked)
    return [
        [recorded_of(row.document, row.digest) for row in each] for _, each in groupby(rows, lambda row: row.session_id)
    ]


def recorded_of(document: bytes, digest: bytes) -> Recorded:
    recorded = _READ.get(digest)
    if recorded is None:
        recorded = Recorded(from_canonical_document(document), digest)
        _READ.put(digest, recorded)
    return recorded
