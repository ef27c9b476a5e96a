"""Puts the sessions service together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from counterfoil.sessions.v1.sessions_service_pb2_grpc import add_SessionsServiceServicer_to_server
from services.runtime.announcements import announcements_of
from services.runtime.database import database_of
from services.runtime.secrets import key_of
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.sessions.retention import Retention
from services.sessions.retention_store import SqlRetentionStore
from services.sessions.servicer import SessionsServicer
from services.sessions.store import SqlStore
from services.sessions.tokens import PayeeTokens
from services.sessions.usecases import Sessions
from services.sessions.watchers import Watchers


async def build(settings: Settings, channels: object) -> Service:
    tokens = PayeeTokens(key_of(settings.payee_token_key, settings.data_dir / "payee-token-key"))
    database = database_of(settings, "sessions")
    await database.open()
    store = SqlStore(database)
    announcements = announcements_of(settings, "sessions")
    watchers = Watchers(announcements.tell)
    announcements.listen(watchers.hear)
    looking = asyncio.create_task(watchers.look_for_ever(store.sequences))
    sessions = Sessions(store, tokens, watchers=watchers, now=_utc_now, new_id=uuid7)
    servicer = SessionsServicer(sessions, Retention(SqlRetentionStore(database), _utc_now))

    async def close() -> None:
        looking.cancel()
        await announcements.close()
        await database.close()

    return Service(lambda server: add_SessionsServiceServicer_to_server(servicer, server), close)


def _utc_now() -> datetime:
    return datetime.now(UTC)
