"""Puts the sessions service together."""

from __future__ import annotations

from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from counterfoil.sessions.v1.sessions_service_pb2_grpc import add_SessionsServiceServicer_to_server
from services.runtime.database import database_of
from services.runtime.secrets import key_of
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.sessions.servicer import SessionsServicer
from services.sessions.store import SqlStore
from services.sessions.tokens import PayeeTokens
from services.sessions.usecases import Sessions


async def build(settings: Settings, channels: object) -> Service:
    tokens = PayeeTokens(key_of(settings.payee_token_key, settings.data_dir / "payee-token-key"))
    database = database_of(settings, "sessions")
    await database.open()
    sessions = Sessions(SqlStore(database), tokens, now=lambda: datetime.now(UTC), new_id=uuid7)
    servicer = SessionsServicer(sessions)
    return Service(
        lambda server: add_SessionsServiceServicer_to_server(servicer, server),
        database.close,
    )
