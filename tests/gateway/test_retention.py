"""Sessions that ended long ago are archived and deleted, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict

import services.sessions.wiring
from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import sessions_service_pb2 as sessions_pb
from counterfoil.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from gateway.flows import Payments
from gateway.retention import Retention, retention_of
from gateway.wiring import build
from services.host import hosted
from services.runtime.channels import Channels
from services.runtime.settings import BadSetting, Settings
from services.runtime.status import reason_of
from services.sessions import retention as rules
from tests.gateway.conftest import Clock, asking, money

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def taking(ended_for: timedelta, **more: Any) -> sessions_pb.TakeEndedSessionsRequest:
    seconds = int(ended_for.total_seconds())
    return sessions_pb.TakeEndedSessionsRequest(ended_for=Duration(seconds=seconds), **more)


def deleting(*ids: str) -> sessions_pb.DeleteSessionsRequest:
    return sessions_pb.DeleteSessionsRequest(
        sessions=[sessions_pb.EndedSession(session_id=each, sequence=1) for each in ids]
    )


@dataclass
class Office:
    """A gateway's operations without a network, and what keeps its sessions few."""

    settings: Settings
    channels: Channels
    payments: Payments
    clock: type[Clock]

    @property
    def retention(self) -> Retention:
        retention = retention_of(self.settings, self.channels, self.payments)
        assert retention
        return retention

    async def settle(self) -> pb.GetSessionResponse:
        """A session with a request, a claim and a receipt."""
        opened = await self.payments.request_payment(asking())
        session_id = opened.session.id
        claim = await self.payments.claim_payment(
            pb.ClaimPaymentRequest(session_id=session_id, amount=money("120"), evidence="transfer 4711")
        )
        await self.payments.acknowledge_payment(
            pb.AcknowledgePaymentRequest(payee_token=opened.payee_token, text=claim.text)
        )
        return await self.session(session_id)

    async def session(self, session_id: str) -> pb.GetSessionResponse:
        return await self.payments.get_session(pb.GetSessionRequest(session_id=session_id))

    async def is_gone(self, session_id: str) -> bool:
        """The session and all that the credentials service kept of it."""
        credentials: Any = CredentialsServiceStub(self.channels.to("credentials"))
        kept = await credentials.ListCredentials(credentials_pb.ListCredentialsRequest(session_id=session_id))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.session(session_id)
        return raised.value.code() is grpc.StatusCode.NOT_FOUND and not kept.credentials

    async def run(self) -> int:
        return sum([count async for count in self.retention.run()])

    def archived(self) -> list[pb.GetSessionResponse]:
        return archived_in(self.settings.archive_dir)


def archived_in(directory: Path | None) -> list[pb.GetSessionResponse]:
    assert directory
    lines = [line for path in sorted(directory.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [ParseDict(json.loads(line), pb.GetSessionResponse()) for line in lines]


@pytest.fixture
async def office(database_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    clock = type("TestClock", (Clock,), {})
    monkeypatch.setattr(services.sessions.wiring, "datetime", clock)
    settings = database_settings.model_copy(
        update={"retention_days": 30, "archive_dir": tmp_path / "archive", "http_listen": "off"}
    )
    async with hosted(settings) as channels:
        yield Office(settings, channels, Payments(channels), clock)


async def test_a_session_is_archived_with_its_evidence_and_gone(office: Office) -> None:
    session = await office.settle()
    other = await office.payments.request_payment(asking())
    office.clock.ahead = WEEK + 30 * DAY - timedelta(seconds=100)
    assert await office.run() == 0

    office.clock.ahead = WEEK + 30 * DAY
    assert await office.run() == 2

    assert [each.session.id for each in office.archived()] == [session.session.id, other.session.id]
    assert office.archived()[0] == session
    assert await office.is_gone(session.session.id)
    assert await office.run() == 0


async def test_what_was_archived_is_for_its_owner_alone_and_can_still_be_verified(office: Office) -> None:
    await office.settle()
    office.clock.ahead = 60 * DAY
    await office.run()

    [path] = (office.settings.archive_dir or Path()).iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    credentials: Any = CredentialsServiceStub(office.channels.to("credentials"))
    checked = await credentials.VerifyConversation(
        credentials_pb.VerifyConversationRequest(credentials=[each.json for each in office.archived()[0].credentials])
    )
    assert [each.verdict.verified for each in checked.credentials] == [True] * 3


async def test_who_reads_a_session_while_it_goes_leaves_no_credential_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await office.settle()
    office.clock.ahead = 60 * DAY
    retention = office.retention
    delete = retention._sessions.DeleteSessions

    async def read_and_delete(request: Any) -> Any:
        assert await office.session(session.session.id) == session
        return await delete(request)

    monkeypatch.setattr(retention._sessions, "DeleteSessions", read_and_delete)

    assert [each async for each in retention.run()] == [1]
    assert await office.is_gone(session.session.id)


@pytest.mark.parametrize("step", ["DeleteCredentials", "DeleteSessions"])
async def test_what_dies_after_archiving_leaves_the_session_whole_and_it_is_archived_again(
    office: Office, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await office.settle()
    office.clock.ahead = 60 * DAY
    retention = office.retention

    async def die(_request: object) -> None:
        raise asyncio.CancelledError

    stub = retention._credentials if step == "DeleteCredentials" else retention._sessions
    monkeypatch.setattr(stub, step, die)
    with pytest.raises(asyncio.CancelledError):
        [each async for each in retention.run()]
    assert office.archived() == [session]
    assert await office.session(session.session.id) == session

    assert await office.run() == 0
    office.clock.ahead += rules.TAKEN_FOR + timedelta(seconds=1)
    assert await office.run() == 1
    assert office.archived() == [session, session]
    assert await office.is_gone(session.session.id)


async def test_nothing_is_deleted_where_nothing_can_be_archived(office: Office) -> None:
    session = await office.settle()
    office.clock.ahead = 60 * DAY
    assert office.settings.archive_dir
    office.settings.archive_dir.write_text("a file where the directory should be")

    with pytest.raises(OSError, match="File exists"):
        await office.run()
    assert await office.session(session.session.id) == session


async def test_a_session_that_cannot_be_read_keeps_no_other_from_being_archived(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = [await office.payments.request_payment(asking()) for _ in range(2)]
    read = office.payments.get_session

    async def get_session(request: pb.GetSessionRequest) -> pb.GetSessionResponse:
        if request.session_id == broken.session.id:
            raise grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), grpc.aio.Metadata())
        return await read(request)

    monkeypatch.setattr(office.payments, "get_session", get_session)
    office.clock.ahead = 60 * DAY

    assert await office.run() == 1
    assert [each.session.id for each in office.archived()] == [good.session.id]


async def test_several_gateways_archive_each_session_once(office: Office) -> None:
    sessions = [(await office.payments.request_payment(asking())).session.id for _ in range(30)]
    office.clock.ahead = 60 * DAY

    assert sum(await asyncio.gather(*(office.run() for _ in range(3)))) == 30
    assert sorted(each.session.id for each in office.archived()) == sessions


async def test_a_gateway_with_the_settings_does_it_by_itself(office: Office) -> None:
    session = await office.settle()
    office.clock.ahead = 60 * DAY

    service = build(office.settings, office.channels)
    for _ in range(1000):
        listed = await office.payments.list_sessions(pb.ListSessionsRequest())
        if not listed.sessions:
            break
        await asyncio.sleep(0.01)
    await service.close()

    assert office.archived() == [session]
    assert await office.is_gone(session.session.id)


@pytest.mark.parametrize(("missing", "name"), [("retention_days", "RETENTION_DAYS"), ("archive_dir", "ARCHIVE_DIR")])
async def test_nothing_is_deleted_by_half_a_setting(office: Office, missing: str, name: str) -> None:
    half = office.settings.model_copy(update={missing: None})

    with pytest.raises(BadSetting, match=f"COUNTERFOIL_{name}: missing"):
        build(half, office.channels)
    neither = half.model_copy(update={"retention_days": None, "archive_dir": None})
    assert retention_of(neither, office.channels, office.payments) is None


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("TakeEndedSessions", sessions_pb.TakeEndedSessionsRequest(), "INVALID_FIELD"),
        ("TakeEndedSessions", taking(timedelta(hours=23)), "INVALID_FIELD"),
        ("TakeEndedSessions", taking(timedelta(days=36501)), "INVALID_FIELD"),
        ("TakeEndedSessions", taking(30 * DAY, page_size=-1), "INVALID_FIELD"),
        ("TakeEndedSessions", taking(30 * DAY, page_token="x"), "INVALID_PAGE_TOKEN"),
        ("DeleteSessions", deleting("x"), "INVALID_FIELD"),
        ("DeleteSessions", deleting(*(str(uuid4()) for _ in range(101))), "INVALID_FIELD"),
    ],
)
async def test_what_nobody_should_ask_of_the_sessions_service_is_refused(
    office: Office, method: str, request_: Any, reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await getattr(SessionsServiceStub(office.channels.to("sessions")), method)(request_)

    found = reason_of(raised.value)
    assert found
    assert found.reason == reason
