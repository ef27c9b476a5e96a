"""Credentials with a place in a status list, issued and verified by the service's own use cases on SQLite."""

from __future__ import annotations

import itertools
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from uuid_utils.compat import uuid7

from bench.measuring import Measured, measure
from bench.parts import AMOUNT, METHODS
from services.credentials import suites
from services.credentials.conversations import Conversations
from services.credentials.dids import Dids
from services.credentials.key_ring import KeyRing
from services.credentials.others_status_lists import OthersStatusLists
from services.credentials.own_status_lists import OwnStatusLists
from services.credentials.status_store import SqlStatusStore
from services.credentials.store import SqlStore
from services.credentials.usecases import Credentials
from services.credentials.vault import WrappingVault
from services.credentials.verifier import Verifier
from services.messages import secured
from services.messages.message import Message, Party, Request
from services.runtime.database import database_of
from services.runtime.log import log
from services.runtime.settings import Settings

# In milliseconds of processor time: what the parts allow, and half as much again.
CPU_MS_MAX = {"issue": 0.15 * 1.5, "verify": 0.25 * 1.5}
PUBLIC_URL = "https://pay.example.org"


async def measure_revocable(directory: Path, seconds: float) -> list[Measured]:
    log.least = logging.WARNING
    async with _use_cases(directory) as (credentials, verifier, issuer):
        issued = [(await credentials.issue(_request(issuer))).json for _ in range(100)]
        texts = itertools.cycle(issued)

        async def issue() -> None:
            await credentials.issue(_request(issuer))

        async def verify() -> None:
            secured.forget()
            found = await verifier.verify(next(texts))
            assert found.verdict.accepted

        parts: dict[str, Callable[[], Awaitable[None]]] = {"issue": issue, "verify": verify}
        return [
            await measure(name, part, time.process_time, clients=clients, seconds=seconds)
            for name, part in parts.items()
            for clients in (1, 16)
        ]


@asynccontextmanager
async def _use_cases(directory: Path) -> AsyncIterator[tuple[Credentials, Verifier, str]]:
    database = database_of(Settings(data_dir=directory), "credentials")
    await database.open()
    try:
        store = SqlStore(database)
        keys = KeyRing(store, WrappingVault(secrets.token_bytes(32)), suites.EDDSA)
        await keys.open()
        conversations, dids = Conversations(store), Dids({}, None, _now)
        lists, others = OwnStatusLists(SqlStatusStore(database), PUBLIC_URL, _now), OthersStatusLists(None, dids, _now)
        verifier = Verifier(keys, conversations, dids, lists, others, trusted=(), accept_unknown=(), now=_now)
        yield Credentials(store, keys, conversations, lists, _now), verifier, (await keys.fresh()).current.did
    finally:
        await database.close()


def _request(issuer: str) -> Message:
    now = _now().replace(microsecond=0)
    statement = Request(Party("Ana"), AMOUNT, "two chairs", METHODS, now + timedelta(7))
    return Message(uuid7(), uuid7(), issuer, now, statement)


def _now() -> datetime:
    return datetime.now(UTC)
