"""Keys through a restart, and what several processes on one database know of each other."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from services.credentials import key_ring
from tests.credentials.key_calls import WEB, in_each_name, keys, method_in, numbered, revoke, rotate
from tests.credentials.test_service import ROOT, a_fresh_request, found, running


@in_each_name
async def test_all_of_it_is_there_after_a_restart(settings, did_web):
    settings = settings.model_copy(update={"did_web": did_web})
    async with running(settings) as client:
        lost = await client.issue(numbered(await client.issuer(), 1))
        await rotate(client)
        kept = await client.issue(numbered(await client.issuer(), 2))
        await rotate(client)
        await revoke(client, method_in(lost))
        before = await keys(client)
    async with running(settings) as client:
        assert await keys(client) == before
        assert found(await client.verify(lost.json))["key_status"] == "fail"
        assert (await client.verify(kept.json)).verdict.accepted


@in_each_name
async def test_another_process_notices_a_rotation_and_a_revocation(settings, did_web):
    """Two services on one database; the second is not told anything."""
    settings = settings.model_copy(update={"did_web": did_web})
    async with running(settings) as one, running(settings) as other:
        lost = await other.issue(numbered(await other.issuer(), 1))
        await rotate(one)
        named_by_one = numbered(await one.issuer(), 2)
        assert (await other.issue(named_by_one)).issuer == named_by_one.issuer
        await revoke(one, method_in(lost))

        await asyncio.sleep(key_ring.FRESH_SECONDS + 0.01)

        assert await other.issuer() == await one.issuer()
        assert found(await other.verify(lost.json))["key_status"] == "fail"
        assert key_ring.FRESH_SECONDS < 1


async def test_what_another_process_signs_with_a_key_just_revoked_is_not_kept(settings):
    settings = settings.model_copy(update={"did_web": "pay.example.org"})
    async with running(settings) as one, running(settings) as other:
        (key,) = await keys(one)
        await other.issuer()
        await revoke(one, key.verification_method)

        credential = await other.issue(a_fresh_request(WEB))

        assert method_in(credential) != key.verification_method
        assert (await other.verify(credential.json)).verdict.accepted


SECOND_PROCESS = """
import asyncio, sys
from pathlib import Path
from services.runtime.settings import Settings
from tests.credentials.key_calls import keys, revoke, rotate
from tests.credentials.test_service import running

async def main():
    async with running(Settings(data_dir=Path(sys.argv[1]), log_level="error")) as client:
        before = (await keys(client))[0]
        await rotate(client)
        await revoke(client, before.verification_method)

asyncio.run(main())
"""


@pytest.mark.usefixtures("at_once")
async def test_a_running_service_notices_what_a_second_process_did(settings):
    async with running(settings) as client:
        lost = await client.issue(a_fresh_request(await client.issuer()))
        command = [sys.executable, "-c", SECOND_PROCESS, str(settings.data_dir)]
        second = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False, timeout=60)

        assert second.returncode == 0
        assert await client.issuer() != lost.issuer
        assert found(await client.verify(lost.json))["key_status"] == "fail"


async def test_looking_for_news_is_done_once_for_all_who_wait(settings, monkeypatch):
    looks = 0
    original = key_ring.KeyRing.reload

    async def counted(self: key_ring.KeyRing) -> Any:
        nonlocal looks
        looks += 1
        return await original(self)

    async with running(settings) as client:
        message = a_fresh_request(await client.issuer())
        await client.issue(message)
        monkeypatch.setattr(key_ring, "FRESH_SECONDS", 60.0)
        monkeypatch.setattr(key_ring.KeyRing, "reload", counted)
        for _ in range(50):
            await client.issue(message)

    assert looks <= 2


async def test_keys_and_credentials_of_the_first_revision_stay_usable(settings, tmp_path):
    """A database as the version before left it: one key retired, one current, and a credential of each."""
    async with running(settings) as client:
        before = [await client.issue(numbered(await client.issuer(), 1))]
        await rotate(client)
        before.append(await client.issue(numbered(await client.issuer(), 2)))
    _to_first_revision(settings.data_dir / "credentials.db")

    async with running(settings) as client:
        current, retired = await keys(client)

        assert (current.state, retired.state) == (pb.KEY_STATE_CURRENT, pb.KEY_STATE_RETIRED)
        assert retired.retire_time.seconds == current.create_time.seconds
        for credential in before:
            assert (await client.verify(credential.json)).verdict.accepted
            assert await client.get(credential.message_id) == credential
        assert (await client.issue(numbered(retired.issuer, 3))).issuer == retired.issuer


def _to_first_revision(path: Path) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import create_engine, text

    from services.runtime.database import revisions_of
    from tests.credentials.test_store import _revision

    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for path in sorted(revisions_of("credentials").glob("*.py"), reverse=True)[:-1]:
            _revision(path).downgrade()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
