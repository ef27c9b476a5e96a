"""Keys over time: rotated, revoked, wrapped anew; by one process, by several, and through a restart."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import pickle
import secrets
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
import structlog
from pydantic import SecretStr

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.credentials import key_ring, suites
from services.credentials.vault import WillNotOpen, WrappingVault
from services.runtime.settings import BadSetting, Settings
from tests.credentials.parties import SERVICE, SUITES, a_claim, an_acknowledgement
from tests.credentials.test_service import ROOT, Client, a_fresh_request, found, now, refused, running

WEB = "did:web:pay.example.org"
in_each_name = pytest.mark.parametrize("did_web", [None, "pay.example.org"])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes look at every call, so that no test has to wait for them."""
    monkeypatch.setattr(key_ring, "FRESH_SECONDS", 0.0)


async def keys(client: Client) -> list[pb.IssuerKey]:
    return list((await client.stub.ListKeys(rpc.ListKeysRequest())).keys)


async def rotate(client: Client, **fields: str) -> pb.IssuerKey:
    return (await client.stub.RotateKey(rpc.RotateKeyRequest(**fields))).key


async def revoke(client: Client, method: str) -> pb.IssuerKey:
    return (await client.stub.RevokeKey(rpc.RevokeKeyRequest(verification_method=method))).key


async def did_document(client: Client) -> dict[str, Any]:
    document = json.loads((await client.stub.GetDidDocument(rpc.GetDidDocumentRequest())).document)
    assert isinstance(document, dict)
    return document


def method_in(credential: pb.Credential) -> str:
    return str(json.loads(credential.json)["proof"]["verificationMethod"])


def numbered(issuer: str, number: int) -> Any:
    return replace(a_fresh_request(issuer), id=UUID(int=number))


@in_each_name
async def test_after_a_rotation_the_new_key_signs_and_what_the_old_one_signed_still_holds(settings, did_web):
    async with running(settings.model_copy(update={"did_web": did_web})) as client:
        before = await client.issue(numbered(await client.issuer(), 1))
        fresh = await rotate(client)
        after = await client.issue(numbered(await client.issuer(), 2))

        assert method_in(before) != method_in(after) == fresh.verification_method
        assert [key.state for key in await keys(client)] == [pb.KEY_STATE_CURRENT, pb.KEY_STATE_RETIRED]
        for credential in (before, after):
            assert (await client.verify(credential.json)).verdict.accepted, credential.json


async def test_a_did_key_issuer_changes_with_its_key_and_a_did_web_does_not(settings):
    for did_web, same in ((None, False), ("pay.example.org", True)):
        async with running(settings.model_copy(update={"did_web": did_web})) as client:
            before = await client.issuer()
            await rotate(client)

            assert (await client.issuer() == before) is same


async def test_a_retired_key_signs_the_messages_that_name_it(settings):
    """They were recorded before the rotation, or answer what was."""
    async with running(settings) as client:
        request = a_fresh_request(await client.issuer())
        await client.issue(request)
        await rotate(client)
        claim = replace(a_claim(request, await client.issuer()), issued_at=now())
        answer = replace(an_acknowledgement(claim, request.issuer), issued_at=now())
        for message in (claim, answer):
            credential = await client.issue(message)

            assert credential.issuer == message.issuer
            assert (await client.verify(credential.json)).verdict.accepted


async def test_a_rotation_that_is_retried_changes_nothing(settings):
    async with running(settings) as client:
        (first,) = await keys(client)
        fresh = await rotate(client, replaces=first.verification_method)

        assert await rotate(client, replaces=first.verification_method) == fresh
        assert len(await keys(client)) == 2
        assert await rotate(client) != fresh


async def test_of_many_rotations_of_one_key_at_once_one_happens(settings):
    async with running(settings) as client:
        (first,) = await keys(client)

        made = await asyncio.gather(*(rotate(client, replaces=first.verification_method) for _ in range(20)))

        assert len({key.verification_method for key in made}) == 1
        assert len(await keys(client)) == 2


@pytest.mark.parametrize("suite", SUITES)
async def test_a_rotation_may_change_the_suite(settings, suite):
    async with running(settings) as client:
        assert (await rotate(client, cryptosuite=suite)).cryptosuite == suite
        credential = await client.issue(a_fresh_request(await client.issuer()))

        assert json.loads(credential.json)["proof"]["cryptosuite"] == suite.partition("/")[0]
        assert (await client.verify(credential.json)).verdict.accepted


async def test_a_suite_that_there_is_not_is_refused(settings):
    async with running(settings) as client:
        assert await refused(rotate(client, cryptosuite="rot13")) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
        )


@in_each_name
async def test_whatever_a_revoked_key_signed_fails_by_name_and_the_rest_holds(settings, did_web):
    async with running(settings.model_copy(update={"did_web": did_web})) as client:
        lost = await client.issue(numbered(await client.issuer(), 1))
        await rotate(client)
        good = await client.issue(numbered(await client.issuer(), 2))

        revoked = await revoke(client, method_in(lost))

        assert revoked.state == pb.KEY_STATE_REVOKED
        assert revoked.HasField("revoke_time")
        response = await client.verify(lost.json)
        failing = {name for name, outcome in found(response).items() if outcome == "fail"}
        assert failing == {"key_status"}
        assert not response.verdict.verified
        assert not response.verdict.accepted
        assert "revoked" in next(check.detail for check in response.verdict.checks if check.name == "key_status")
        assert (await client.verify(good.json)).verdict.accepted


async def test_a_revoked_key_that_is_current_is_replaced_by_one_of_its_suite(settings):
    async with running(settings) as client:
        lost = await rotate(client, cryptosuite=suites.ECDSA_P256)
        await revoke(client, lost.verification_method)
        fresh, *old = await keys(client)

        assert (fresh.state, fresh.cryptosuite) == (pb.KEY_STATE_CURRENT, suites.ECDSA_P256)
        assert [key.state for key in old] == [pb.KEY_STATE_REVOKED, pb.KEY_STATE_RETIRED]
        assert old[0].HasField("retire_time")
        assert (await client.verify((await client.issue(a_fresh_request(fresh.issuer))).json)).verdict.accepted


async def test_a_revocation_that_is_repeated_changes_nothing(settings):
    async with running(settings) as client:
        (key,) = await keys(client)
        first = await revoke(client, key.verification_method)
        after = await keys(client)

        assert await revoke(client, key.verification_method) == first
        assert await keys(client) == after


async def test_of_many_revocations_of_the_current_key_at_once_one_makes_a_new_key(settings):
    async with running(settings) as client:
        (key,) = await keys(client)

        await asyncio.gather(*(revoke(client, key.verification_method) for _ in range(20)))

        assert len(await keys(client)) == 2


async def test_a_revoked_key_signs_nothing_but_what_it_signed_is_still_told(settings):
    async with running(settings) as client:
        message = numbered(await client.issuer(), 1)
        before = await client.issue(message)
        await revoke(client, method_in(before))

        refusal = await refused(client.issue(replace(message, id=UUID(int=2))))
        assert refusal == (grpc.StatusCode.FAILED_PRECONDITION, "ISSUER_UNKNOWN")
        assert await client.issue(message) == before


@pytest.mark.parametrize("name", ["", "x", "did:key:z6Mk", SERVICE.verification_method])
async def test_a_key_that_is_not_the_services_cannot_be_revoked(settings, name):
    async with running(settings) as client:
        assert await refused(revoke(client, name)) == (grpc.StatusCode.NOT_FOUND, "KEY_NOT_FOUND")


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

        await asyncio.sleep(key_ring.FRESH_SECONDS)

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
from tests.credentials.test_key_ring import keys, revoke, rotate, running

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
        monkeypatch.setattr(key_ring.KeyRing, "reload", counted)
        for _ in range(50):
            await client.issue(message)

    assert looks <= 2


def a_wrapping_key() -> SecretStr:
    return SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())


def wrapped_with(settings: Settings, key: SecretStr, previous: SecretStr | None = None) -> Settings:
    return settings.model_copy(update={"key_encryption_key": key, "previous_key_encryption_key": previous})


async def test_keys_are_wrapped_anew_and_the_old_wrapping_key_can_go(settings):
    old, new = a_wrapping_key(), a_wrapping_key()
    async with running(wrapped_with(settings, old)) as client:
        await rotate(client)
        messages = [numbered(key.issuer, number) for number, key in enumerate(await keys(client), 1)]
        before = [await client.issue(message) for message in messages]
    with structlog.testing.capture_logs() as lines:
        async with running(wrapped_with(settings, new, old)) as client:
            assert [await client.issue(message) for message in messages] == before
    async with running(wrapped_with(settings, new)) as client:
        assert (await client.issue(numbered(before[1].issuer, 9))).issuer == before[1].issuer
    with pytest.raises(BadSetting):
        await _start(wrapped_with(settings, old))

    assert [line["event"] for line in lines].count("issuer key re-wrapped") == 2


async def test_wrapping_anew_happens_once(settings):
    old, new = a_wrapping_key(), a_wrapping_key()
    await _start(wrapped_with(settings, old))
    await _start(wrapped_with(settings, new, old))
    with structlog.testing.capture_logs() as lines:
        await _start(wrapped_with(settings, new, old))

    assert lines == []


async def test_neither_wrapping_key_opening_stops_the_start(settings):
    await _start(wrapped_with(settings, a_wrapping_key()))

    with pytest.raises(BadSetting, match="COUNTERFOIL_KEY_ENCRYPTION_KEY"):
        await _start(wrapped_with(settings, a_wrapping_key(), a_wrapping_key()))


async def test_wrapping_anew_goes_round_twice_without_a_failing_call(settings):
    """As docs/running.md says it for several processes, with a rotation at every step."""
    old, new = a_wrapping_key(), a_wrapping_key()
    first_round = wrapped_with(settings, old, new)
    second_round = wrapped_with(settings, new, old)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(running(wrapped_with(settings, old))) for _ in range(2)]
        for step, now_with in enumerate([first_round, first_round, second_round, second_round]):
            clients[step % 2] = await stack.enter_async_context(running(now_with))
            await rotate(clients[step % 2])
            for number, client in enumerate(clients):
                credential = await client.issue(numbered(await client.issuer(), 10 * step + number))
                assert (await client.verify(credential.json)).verdict.accepted
    await _start(second_round)
    await _start(wrapped_with(settings, new))


@pytest.mark.usefixtures("at_once")
async def test_a_key_that_does_not_open_here_signs_nothing_here_and_stops_nothing_else(settings):
    """Another process wrapped it under a key that this one was not given."""
    old, new = a_wrapping_key(), a_wrapping_key()
    async with running(wrapped_with(settings, old)) as behind:
        request = numbered(await behind.issuer(), 1)
        async with running(wrapped_with(settings, new, old)) as ahead:
            await rotate(ahead)
            credential = await ahead.issue(numbered(await ahead.issuer(), 2))

        assert (await behind.verify(credential.json)).verdict.accepted
        assert (await behind.issue(request)).issuer == request.issuer
        assert await refused(behind.issuer()) == (grpc.StatusCode.INTERNAL, "INTERNAL")


async def test_every_change_of_a_key_is_one_line_with_its_name_and_no_secret(settings):
    with structlog.testing.capture_logs() as lines:
        async with running(settings) as client:
            first = (await keys(client))[0]
            second = await rotate(client)
            await revoke(client, second.verification_method)
            third = (await keys(client))[0]

    told = [(line["event"], line["key"]) for line in lines if "key" in line]
    assert told == [
        ("issuer key in use", first.issuer),
        ("issuer key in use", second.issuer),
        ("issuer key revoked", second.issuer),
        ("issuer key in use", third.issuer),
    ]
    assert all(set(line) <= {"event", "log_level", "key", "kind", "instead_of"} for line in lines)


def test_a_private_key_cannot_be_written_down():
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            write(SERVICE)
    assert "private" not in repr(SERVICE)


def test_no_answer_has_a_field_for_a_private_key():
    """Whatever the service answers about its keys is of public kind."""
    assert {field.name for field in pb.IssuerKey.DESCRIPTOR.fields} == {
        *("issuer", "verification_method", "cryptosuite", "state", "create_time", "retire_time", "revoke_time")
    }


async def test_a_revoked_keys_secret_is_erased(settings):
    async with running(settings) as client:
        (key,) = await keys(client)
        await revoke(client, key.verification_method)
    with sqlite3.connect(settings.data_dir / "credentials.db") as connection:
        row = connection.execute("SELECT wrapped, nonce FROM issuer_key WHERE did = ?", (key.issuer,)).fetchone()
    connection.close()

    assert row == (b"", b"")


def test_a_vault_opens_nothing_that_another_wrapped():
    ours, theirs = (WrappingVault(secrets.token_bytes(32)) for _ in range(2))

    with pytest.raises(WillNotOpen):
        ours.open(theirs.make(suites.EDDSA, datetime.now(UTC)))


@pytest.mark.parametrize("suite", SUITES)
async def test_the_did_document_of_a_did_key_lists_its_one_key(settings, suite):
    async with running(settings.model_copy(update={"issuer_suite": suite})) as client:
        await rotate(client)
        issuer = await client.issuer()
        method = (await keys(client))[0].verification_method

        assert await did_document(client) == {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": issuer,
            "verificationMethod": [
                {
                    "id": method,
                    "type": "Multikey",
                    "controller": issuer,
                    "publicKeyMultibase": issuer.removeprefix("did:key:"),
                }
            ],
            "assertionMethod": [method],
            "authentication": [method],
        }


async def test_the_did_document_of_a_did_web_lists_every_key_that_is_not_revoked(settings):
    async with running(settings.model_copy(update={"did_web": "pay.example.org"})) as client:
        await rotate(client)
        await rotate(client)
        third, second, first = [key.verification_method for key in await keys(client)]
        await revoke(client, second)
        document = await did_document(client)

    assert document["id"] == WEB
    assert [each["id"] for each in document["verificationMethod"]] == document["assertionMethod"] == [third, first]
    assert document["authentication"] == [third]
    assert all(each["controller"] == WEB for each in document["verificationMethod"])
    assert all(method.startswith(f"{WEB}#z6Mk") for method in (first, third))


async def test_what_was_signed_under_the_did_key_still_holds_under_the_did_web(settings):
    async with running(settings) as client:
        before = await client.issue(numbered(await client.issuer(), 1))
    async with running(settings.model_copy(update={"did_web": "pay.example.org"})) as client:
        assert (await client.verify(before.json)).verdict.accepted
        await revoke(client, method_in(before))
        assert found(await client.verify(before.json))["key_status"] == "fail"


async def _start(settings: Settings) -> None:
    async with running(settings):
        pass


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
