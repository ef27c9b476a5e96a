"""The service as its callers see it: every operation, every refusal, restarts and second processes."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import grpc
import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from services.credentials import suites
from services.credentials.domain import CHECKS_OF_ACCEPTED
from services.credentials.wiring import build
from services.messages.document import to_document
from services.messages.message import Message
from services.messages.protobuf import from_message, to_message
from services.runtime.channels import Channels
from services.runtime.settings import Settings
from services.runtime.status import reason_of
from tests.credentials.forgeries import FORGERIES
from tests.credentials.parties import (
    MALLORY,
    SESSION,
    SUITES,
    a_cancellation,
    a_claim,
    a_rejection,
    a_request,
    an_acknowledgement,
    sign_anything,
    signed,
)

ROOT = Path(__file__).parents[2]
OUTCOMES = {pb.CHECK_OUTCOME_PASS: "pass", pb.CHECK_OUTCOME_FAIL: "fail", pb.CHECK_OUTCOME_UNKNOWN: "unknown"}


class Client:
    """The stub, with shorter names for what these tests say most."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.stub = CredentialsServiceStub(channel)

    async def issuer(self) -> str:
        return (await self.stub.GetIssuer(rpc.GetIssuerRequest())).issuer

    async def issue(self, message: Message) -> pb.Credential:
        request = rpc.IssueCredentialRequest(message=to_message(message))
        return (await self.stub.IssueCredential(request)).credential

    async def verify(self, text: str) -> rpc.VerifyCredentialResponse:
        return await self.stub.VerifyCredential(rpc.VerifyCredentialRequest(credential=text))

    async def get(self, message_id: str) -> pb.Credential:
        return (await self.stub.GetCredential(rpc.GetCredentialRequest(message_id=message_id))).credential

    async def list(self, session_id: str, size: int = 0, token: str = "") -> rpc.ListCredentialsResponse:
        request = rpc.ListCredentialsRequest(session_id=session_id, page_size=size, page_token=token)
        return await self.stub.ListCredentials(request)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Client]:
    channels = Channels(settings)
    service = await build(settings, channels)
    channels.host(service)
    try:
        yield Client(channels.to("credentials"))
    finally:
        await channels.close()
        await service.close()


@pytest.fixture
async def client(settings) -> AsyncIterator[Client]:
    async with running(settings) as client:
        yield client


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def a_fresh_request(issuer: str) -> Message:
    """One that is valid by the clock on the wall, which is the service's."""
    return replace(a_request(issuer, expires_at=now() + timedelta(days=1)), issued_at=now())


def found(response: rpc.VerifyCredentialResponse) -> dict[str, str]:
    return {check.name: OUTCOMES[check.outcome] for check in response.verdict.checks}


async def refused(call: object) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call  # type: ignore[misc]
    reason = reason_of(failure.value)
    assert reason
    return failure.value.code(), reason.reason


@pytest.mark.parametrize("suite", SUITES)
async def test_the_issuer_is_a_did_key_of_the_suite_that_is_set(settings, suite):
    async with running(settings.model_copy(update={"issuer_suite": suite})) as client:
        response = await client.stub.GetIssuer(rpc.GetIssuerRequest())

    starts = {suites.EDDSA: "z6Mk", suites.ECDSA_P256: "zDn", suites.ECDSA_P384: "z82L"}
    assert response.cryptosuite == suite.partition("/")[0]
    assert response.issuer.startswith(f"did:key:{starts[suite]}")


@pytest.mark.parametrize("suite", SUITES)
async def test_a_whole_conversation_is_signed_and_accepted(settings, suite):
    async with running(settings.model_copy(update={"issuer_suite": suite})) as client:
        issuer = await client.issuer()
        request = a_fresh_request(issuer)
        claim = replace(a_claim(request, issuer), issued_at=now())
        answers = [an_acknowledgement(claim, issuer), a_rejection(claim, issuer), a_cancellation(request, issuer)]
        later = [replace(each, id=UUID(int=number), issued_at=now()) for number, each in enumerate(answers)]
        for message in (request, claim, *later):
            credential = await client.issue(message)
            response = await client.verify(credential.json)

            assert set(found(response).values()) == {"pass"}, found(response)
            assert response.verdict.verified
            assert response.verdict.accepted
            assert from_message(response.message) == message
            assert response.digest == credential.digest


async def test_after_a_restart_an_answer_is_still_accepted(settings):
    """What is answered is then no longer in memory, but in the database."""
    async with running(settings) as client:
        request = a_fresh_request(await client.issuer())
        claim = replace(a_claim(request, request.issuer), issued_at=now())
        answer = replace(an_acknowledgement(claim, request.issuer), issued_at=now())
        texts = [(await client.issue(message)).json for message in (request, claim, answer)]
    for text in texts:
        async with running(settings) as client:
            assert (await client.verify(text)).verdict.accepted


async def test_the_same_message_again_gives_the_same_bytes(client):
    message = a_request(await client.issuer())

    assert await client.issue(message) == await client.issue(message)


async def test_the_same_message_many_times_at_once_gives_the_same_bytes(client):
    message = a_request(await client.issuer())

    credentials = await asyncio.gather(*(client.issue(message) for _ in range(100)))

    assert all(credential == credentials[0] for credential in credentials)
    assert len((await client.list(str(SESSION))).credentials) == 1


async def test_another_message_under_the_same_id_is_a_conflict(client):
    issuer = await client.issuer()
    first = await client.issue(a_request(issuer))

    refusal = await refused(client.issue(a_request(issuer, description="something else")))

    assert refusal == (grpc.StatusCode.ALREADY_EXISTS, "MESSAGE_ID_CONFLICT")
    assert await client.get(first.message_id) == first


async def test_of_different_messages_at_once_under_one_id_one_is_signed(client):
    issuer = await client.issuer()
    rivals = [a_request(issuer, description=f"number {number}") for number in range(50)]

    answers = await asyncio.gather(*(client.issue(rival) for rival in rivals), return_exceptions=True)

    assert sum(isinstance(answer, pb.Credential) for answer in answers) == 1
    assert len((await client.list(str(SESSION))).credentials) == 1


async def test_nobody_elses_name_is_signed(client):
    refusal = await refused(client.issue(a_request(MALLORY.did)))

    assert refusal == (grpc.StatusCode.FAILED_PRECONDITION, "ISSUER_UNKNOWN")
    assert not (await client.list(str(SESSION))).credentials


@pytest.mark.parametrize("field", ["id", "session_id", "issuer", "statement", "all"])
async def test_a_message_that_is_none_is_refused_and_leaves_no_trace(client, field):
    message = to_message(a_request(await client.issuer()))
    if field == "all":
        message.Clear()
    elif field == "statement":
        message.ClearField("request")
    else:
        setattr(message, field, "x")

    refusal = await refused(client.stub.IssueCredential(rpc.IssueCredentialRequest(message=message)))

    assert refusal == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert not (await client.list(str(SESSION))).credentials


async def test_a_message_without_a_credential_gets_a_verdict(client):
    response = await client.verify("")

    assert found(response) == {"parse": "fail", **dict.fromkeys(CHECKS_OF_ACCEPTED[1:], "unknown")}
    assert not response.HasField("message")
    assert response.digest == b""


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
async def test_a_forgery_is_an_answer_and_not_an_error(client, forgery):
    response = await client.verify(forgery.make(MALLORY))

    assert not response.verdict.accepted
    assert forgery.fails - {"validity_time"} <= {name for name, outcome in found(response).items() if outcome == "fail"}


async def test_verifying_keeps_nothing(client):
    await client.verify(signed(a_request(MALLORY.did)).json)

    assert not (await client.list(str(SESSION))).credentials


async def test_the_issuers_in_the_settings_are_trusted_and_others_then_are_not(settings):
    text = signed(a_fresh_request(MALLORY.did)).json
    outcomes = {}
    for trusted in ((), (MALLORY.did,), ("did:key:zSomebodyElse",)):
        async with running(settings.model_copy(update={"trusted_issuers": trusted})) as client:
            response = await client.verify(text)
            outcomes[trusted] = (found(response)["trust"], response.verdict.accepted)

    assert list(outcomes.values()) == [("unknown", False), ("pass", True), ("fail", False)]


async def test_a_credential_is_found_by_its_message(client):
    credential = await client.issue(a_request(await client.issuer()))

    assert await client.get(credential.message_id) == credential
    assert json.loads(credential.json)["id"] == f"urn:uuid:{credential.message_id}"


async def test_a_message_that_was_never_signed_has_no_credential(client):
    refusal = await refused(client.get("01999f1e-3c00-7000-8000-00000000ffff"))

    assert refusal == (grpc.StatusCode.NOT_FOUND, "CREDENTIAL_NOT_FOUND")


async def test_an_id_that_is_none_is_refused(client):
    for call in (client.get("x"), client.list("x")):
        assert await refused(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_a_session_is_listed_in_the_order_of_its_messages_page_by_page(client):
    issuer = await client.issuer()
    ids = [UUID(int=number + 1) for number in range(7)]
    for message_id in reversed(ids):
        await client.issue(replace(a_request(issuer), id=message_id))
    await client.issue(replace(a_request(issuer), id=UUID(int=99), session_id=UUID(int=99)))

    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        page = await client.list(str(SESSION), 3, token)
        pages.append([credential.message_id for credential in page.credentials])
        token = page.next_page_token

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == list(map(str, ids))
    assert len((await client.list(str(SESSION), 100_000)).credentials) == 7


async def test_a_page_token_that_this_listing_did_not_make_is_refused(client):
    issuer = await client.issuer()
    for number in (1, 2):
        await client.issue(replace(a_request(issuer), id=UUID(int=number)))
    token = (await client.list(str(SESSION), 1)).next_page_token

    for other in ("x", "é", token[:-1], token + "=", token + "A", "A" * 100_000, token[::-1]):
        refusal = await refused(client.list(str(SESSION), 1, other))
        assert refusal == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    refusal = await refused(client.list(str(UUID(int=5)), 1, token))
    assert refusal == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")


async def test_a_negative_page_size_is_refused(client):
    assert await refused(client.list(str(SESSION), -1)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_after_a_restart_the_same_message_gives_the_same_bytes(settings):
    async with running(settings) as client:
        message = a_request(await client.issuer())
        before = await client.issue(message)
    async with running(settings) as client:
        assert await client.issue(message) == before
        assert await client.get(before.message_id) == before


async def test_a_message_signed_but_not_kept_gets_the_same_bytes_when_it_is_signed_again(settings):
    """A crash between signing and keeping: the credential is a pure function of the message and the key."""
    for suite in SUITES:
        of_suite = settings.model_copy(update={"issuer_suite": suite})
        made = []
        for _ in range(2):
            async with running(of_suite) as client:
                made.append(await client.issue(replace(a_request(await client.issuer()), id=UUID(int=7))))
            _forget_credentials(settings.data_dir / "credentials.db")

        assert made[0] == made[1]


async def test_after_a_change_of_suite_the_old_key_verifies_and_signs_retries(settings):
    async with running(settings) as client:
        message = a_fresh_request(await client.issuer())
        before = await client.issue(message)
    async with running(settings.model_copy(update={"issuer_suite": suites.ECDSA_P256})) as client:
        assert await client.issuer() != before.issuer
        assert await client.issue(message) == before
        assert (await client.verify(before.json)).verdict.accepted
        late = replace(message, id=UUID(int=8))
        assert (await client.issue(late)).issuer == before.issuer


async def test_a_credential_in_the_services_name_that_it_did_not_sign_is_not_verified(client):
    document = to_document(a_fresh_request(await client.issuer()))

    response = await client.verify(json.dumps(sign_anything(document, MALLORY)))

    assert found(response)["key_control"] == "fail"
    assert found(response)["trust"] == "pass"
    assert not response.verdict.verified


SECOND_PROCESS = """
import asyncio, sys
from pathlib import Path
from services.runtime.settings import Settings
from tests.credentials.test_service import a_request, running

async def main():
    async with running(Settings(data_dir=Path(sys.argv[1]), log_level="error")) as client:
        print((await client.issue(a_request(await client.issuer()))).json)

asyncio.run(main())
"""


def test_processes_that_start_at_once_on_one_database_sign_with_one_key(tmp_path):
    command = [sys.executable, "-c", SECOND_PROCESS, str(tmp_path / secrets.token_hex(4))]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    printed = [process.communicate(timeout=60)[0].splitlines()[-1] for process in processes]

    assert [process.returncode for process in processes] == [0] * 4
    assert len(set(printed)) == 1


def _forget_credentials(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM credential")
    connection.close()
