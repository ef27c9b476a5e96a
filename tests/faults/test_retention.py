"""`counterfoil archive`, killed again and again: each session is archived or still there, at every moment."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from counterfoil.credentials.v1.credentials_service_pb2 import GetIssuerRequest
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from gateway.flows import Payments
from gateway.retention import retention_of
from services.host import hosted
from services.messages.message import Claim, Party
from services.runtime.database import database_of
from services.runtime.settings import Settings
from services.sessions import retention
from services.sessions.store import SqlStore
from services.sessions.tokens import PayeeTokens
from services.sessions.usecases import Opening, Sessions
from services.sessions.watchers import Watchers
from tests.conversations import eur

SESSIONS = 300
LONG_AGO = timedelta(days=90)
DEATHS = 3
# After it has begun to write.
WORKING_SECONDS_MAX = 0.3
# Until the first sessions are gone, on a busy machine.
GOING_SECONDS_MAX = 60.0


async def recorded_long_ago(settings: Settings) -> set[str]:
    """Sessions of ninety days ago, each with a claim that was acknowledged; their ids."""
    async with hosted(settings) as channels:
        credentials: Any = CredentialsServiceStub(channels.to("credentials"))
        issuer = (await credentials.GetIssuer(GetIssuerRequest())).issuer
    database = database_of(settings, "sessions")
    await database.open()
    sessions = Sessions(
        SqlStore(database),
        PayeeTokens(bytes(32)),
        watchers=Watchers(),
        now=lambda: datetime.now(UTC) - LONG_AGO,
        new_id=lambda: uuid7(nanoseconds=time.time_ns() - int(LONG_AGO.total_seconds()) * 10**9),
    )

    async def settle() -> str:
        opening = Opening(Party.handle("Ana", "payee"), eur("5"), "", (), None)
        session, token = await sessions.open(opening, issuer, None)
        claim, _ = await sessions.claim(session.id, lambda digest: Claim(digest, eur("5")), issuer, None)
        await sessions.acknowledge(session.id, token, claim.id, None, None, None)
        return str(session.id)

    found = await asyncio.gather(*(settle() for _ in range(SESSIONS)))
    await database.close()
    return set(found)


async def there(settings: Settings) -> set[str]:
    database = database_of(settings, "sessions")
    await database.open()
    found = await database.read(lambda db: db.exec_driver_sql("SELECT id FROM session").scalars().all())
    await database.close()
    return {str(UUID(str(each))) for each in found}


def archive(settings: Settings, directory: Path) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COUNTERFOIL_")} | {
        "COUNTERFOIL_DATA_DIR": str(settings.data_dir),
        "COUNTERFOIL_RETENTION_DAYS": "30",
        "COUNTERFOIL_ARCHIVE_DIR": str(directory),
    }
    if settings.database_url:
        environment["COUNTERFOIL_DATABASE_URL"] = settings.database_url.get_secret_value()
    command = [sys.executable, "-m", "counterfoil", "archive"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


async def until_some_are_gone(settings: Settings) -> None:
    async with asyncio.timeout(GOING_SECONDS_MAX):
        while len(await there(settings)) == SESSIONS:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.1)


def wait_until_it_writes(running: subprocess.Popen[bytes], directory: Path, files: set[Path]) -> None:
    while running.poll() is None and set(directory.iterdir()) == files:
        time.sleep(0.001)


def whole_lines(directory: Path) -> list[dict[str, Any]]:
    """A line without its end is of a run that was killed while it wrote."""
    lines = [line for path in directory.glob("*.jsonl") for line in path.read_text().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith("\n")]


@pytest.mark.slow
async def test_at_every_moment_of_a_dying_command_each_session_is_archived_or_still_there(
    database_settings: Settings, tmp_path: Path, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await recorded_long_ago(database_settings)
    directory = tmp_path / "archive"
    directory.mkdir()

    for number in range(DEATHS):
        files = set(directory.iterdir())
        running = archive(database_settings, directory)
        await asyncio.to_thread(wait_until_it_writes, running, directory, files)
        if number:
            await asyncio.sleep(chance.uniform(0, WORKING_SECONDS_MAX))
        else:
            await until_some_are_gone(database_settings)
        running.kill()
        running.wait()
        archived = {each["session"]["id"] for each in whole_lines(directory)}
        assert before == archived | await there(database_settings)

    assert await there(database_settings), "it died too late"
    monkeypatch.setattr(retention, "TAKEN_FOR", timedelta())
    settings = database_settings.model_copy(update={"retention_days": 30, "archive_dir": directory})
    async with hosted(settings) as channels:
        last = retention_of(settings, channels, Payments(channels))
        assert last
        assert sum([count async for count in last.run()]) > 0
    assert await there(database_settings) == set()
    assert {each["session"]["id"]: len(each["credentials"]) for each in whole_lines(directory)} == dict.fromkeys(
        before, 3
    )
