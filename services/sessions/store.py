"""Sessions in a SQL database: an append-only table of messages, which is the event log, and what cannot be derived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Table, UniqueConstraint, bindparam, delete, insert, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.messages.canonical import canonical, read_json
from services.messages.document import from_document, to_document
from services.messages.message import Message
from services.runtime.database import Database
from services.sessions.domain import Recorded, answered_claim
from services.sessions.usecases import Retry, Transaction

T = TypeVar("T")

REMEMBERED = timedelta(hours=24)
_FORGET_EVERY = timedelta(minutes=1)


class Base(SQLModel, registry=registry()):
    """Tables of this service alone."""


class SessionRow(Base, table=True):
    __tablename__ = "session"

    id: UUID = Field(primary_key=True)
    payee_token_hash: bytes
    created_at: datetime


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
    recorded_at: datetime


class RequestRow(Base, table=True):
    """A call that was made under a request id."""

    __tablename__ = "request"

    id: UUID = Field(primary_key=True)
    fingerprint: bytes
    message_id: UUID
    created_at: datetime = Field(index=True)


_session: Table = Base.metadata.tables["session"]
_message: Table = Base.metadata.tables["message"]
_request: Table = Base.metadata.tables["request"]

_CONVERSATION = (
    select(_message.c.session_id, _message.c.document, _message.c.digest)
    .where(_message.c.session_id == bindparam("session_id"))
    .order_by(_message.c.sequence)
)
_TOKEN_HASH = select(_session.c.payee_token_hash).where(_session.c.id == bindparam("id"))
_REMEMBERED = (
    select(_request.c.fingerprint, _message.c.document)
    .join(_message, _message.c.id == _request.c.message_id)
    .where(_request.c.id == bindparam("id"))
)
_FOUND = select(_message.c.document, _message.c.digest).where(_message.c.id == bindparam("id"))
_CREDENTIAL = select(_message.c.credential).where(_message.c.id == bindparam("id"))
_NEWEST = select(_session.c.id).order_by(_session.c.id.desc()).limit(bindparam("size"))
_BEFORE = _NEWEST.where(_session.c.id < bindparam("before"))
_CONVERSATIONS = (
    select(_message.c.session_id, _message.c.document, _message.c.digest)
    .where(_message.c.session_id.in_(bindparam("ids", expanding=True)))
    .order_by(_message.c.session_id.desc(), _message.c.sequence)
)
_ADD_SESSION, _ADD_MESSAGE, _ADD_REQUEST = insert(_session), insert(_message), insert(_request)
_FORGET = delete(_request).where(_request.c.created_at < bindparam("before"))


class SqlStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgot_at = datetime.min.replace(tzinfo=UTC)

    async def write(self, effect: Callable[[Transaction], T]) -> T:
        return await self._database.write(lambda connection: effect(SqlTransaction(connection, self)))

    async def conversation(self, session_id: UUID) -> list[Recorded]:
        return await self._database.read(lambda connection: _conversation(connection, session_id))

    async def page(self, before: UUID | None, size: int) -> list[list[Recorded]]:
        return await self._database.read(lambda connection: _page(connection, before, size))

    async def signed_credential(self, message_id: UUID) -> str | None:
        return await self._database.read(
            lambda connection: connection.execute(_CREDENTIAL, {"id": message_id}).scalar()
        )

    def forget(self, connection: Connection, now: datetime) -> None:
        """Drops request ids that are no longer remembered, a minute's worth at a time."""
        if now - self._forgot_at > _FORGET_EVERY:
            self._forgot_at = now
            connection.execute(_FORGET, {"before": now - REMEMBERED})


class SqlTransaction:
    def __init__(self, connection: Connection, store: SqlStore) -> None:
        self._connection = connection
        self._store = store

    def conversation(self, session_id: UUID) -> list[Recorded]:
        return _conversation(self._connection, session_id)

    def token_hash(self, session_id: UUID) -> bytes:
        return bytes(self._connection.execute(_TOKEN_HASH, {"id": session_id}).scalar_one())

    def add_session(self, session_id: UUID, token_hash: bytes, now: datetime) -> None:
        row = {"id": session_id, "payee_token_hash": token_hash, "created_at": now}
        self._connection.execute(_ADD_SESSION, row)

    def append(self, sequence: int, recorded: Recorded, now: datetime, credential: str | None) -> None:
        message = recorded.message
        row = {
            "id": message.id,
            "session_id": message.session_id,
            "sequence": sequence,
            "answers": answered_claim(message.statement),
            "digest": recorded.digest,
            "document": canonical(to_document(message)),
            "credential": credential,
            "recorded_at": now,
        }
        self._connection.execute(_ADD_MESSAGE, row)

    def find(self, message_id: UUID) -> Recorded | None:
        row = self._connection.execute(_FOUND, {"id": message_id}).first()
        return _recorded(row) if row else None

    def remembered(self, request_id: UUID) -> tuple[bytes, Message] | None:
        row = self._connection.execute(_REMEMBERED, {"id": request_id}).first()
        return (row.fingerprint, _message_of(row)) if row else None

    def remember(self, retry: Retry, message_id: UUID, now: datetime) -> None:
        self._store.forget(self._connection, now)
        row = {"id": retry.request_id, "fingerprint": retry.fingerprint, "message_id": message_id, "created_at": now}
        self._connection.execute(_ADD_REQUEST, row)


def _conversation(connection: Connection, session_id: UUID) -> list[Recorded]:
    return [_recorded(row) for row in connection.execute(_CONVERSATION, {"session_id": session_id})]


def _page(connection: Connection, before: UUID | None, size: int) -> list[list[Recorded]]:
    newest = _NEWEST if before is None else _BEFORE
    ids = connection.execute(newest, {"before": before, "size": size}).scalars().all()
    conversations: dict[UUID, list[Recorded]] = {session_id: [] for session_id in ids}
    for row in connection.execute(_CONVERSATIONS, {"ids": ids}):
        conversations[row.session_id].append(_recorded(row))
    return list(conversations.values())


def _recorded(row: Any) -> Recorded:
    return Recorded(_message_of(row), row.digest)


def _message_of(row: Any) -> Message:
    return from_document(read_json(row.document))
