"""A sessions service on a real database of each kind, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.messages.message import Claim, Message, Party
from services.messages.money import Money
from services.runtime.database import Database, database_of
from services.runtime.settings import Settings
from services.sessions.domain import Session
from services.sessions.store import SqlStore
from services.sessions.tokens import PayeeTokens
from services.sessions.usecases import Opening, Retry, Sessions
from services.sessions.watchers import Watchers
from tests.conversations import HOST, NOON, eur


@dataclass
class Clock:
    now: datetime = NOON
    _ids: int = 0

    def __call__(self) -> datetime:
        return self.now

    def new_id(self) -> UUID:
        """An id of this clock's time, and not of the day on which the test is run; each is greater than the last."""
        self._ids += 1
        return uuid7(nanoseconds=(int(self.now.timestamp() * 1000) + self._ids) * 10**6)


@dataclass
class Counter:
    """A sessions service and short ways to use it."""

    sessions: Sessions
    clock: Clock
    watchers: Watchers
    store: SqlStore

    @classmethod
    def on(cls, database: Database) -> Counter:
        clock, watchers, store = Clock(), Watchers(), SqlStore(database)
        sessions = Sessions(store, PayeeTokens(bytes(32)), watchers=watchers, now=clock, new_id=clock.new_id)
        return cls(sessions, clock, watchers, store)

    async def open(self, amount: str = "120", retry: Retry | None = None) -> tuple[Session, str]:
        opening = Opening(Party.handle("Ana", "payee"), eur(amount), "two chairs", (), None)
        return await self.sessions.open(opening, HOST, retry)

    async def claim(self, session: Session, amount: str = "120", retry: Retry | None = None) -> tuple[Message, Session]:
        return await self.sessions.claim(session.id, lambda digest: Claim(digest, eur(amount)), HOST, retry)

    async def acknowledge(
        self,
        session: Session,
        token: str,
        claim: Message,
        retry: Retry | None = None,
        received: Money | None = None,
    ) -> tuple[Message, Session]:
        return await self.sessions.acknowledge(session.id, token, claim.id, None, received, retry)


@pytest.fixture
async def database(database_settings: Settings) -> AsyncIterator[Database]:
    database = database_of(database_settings, "sessions")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def counter(database: Database) -> Counter:
    return Counter.on(database)
