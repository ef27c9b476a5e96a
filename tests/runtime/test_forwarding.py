"""What a call passes on to the services behind it."""

from __future__ import annotations

import grpc
import pytest

from counterfoil.sessions.v1 import sessions_service_pb2 as pb
from counterfoil.sessions.v1 import sessions_service_pb2_grpc as stubs
from services.runtime.call import begin_call
from services.runtime.channels import Channels
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.runtime.status import refusal_of, status_of
from tests.runtime.test_calls import Scripted


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()  # type: ignore[abstract]


@pytest.fixture
def channels(settings: Settings, scripted: Scripted) -> Channels:
    channels = Channels(settings)
    channels.host(Service(lambda server: stubs.add_SessionsServiceServicer_to_server(scripted, server)))
    return channels


async def test_the_deadline_and_the_request_id_are_passed_on_and_nothing_else(
    channels: Channels, scripted: Scripted
) -> None:
    begin_call((("x-request-id", "r-7"), ("authorization", "Bearer secret")), seconds=3)
    await stubs.SessionsServiceStub(channels.to("sessions")).GetSession(pb.GetSessionRequest())

    assert scripted.seen["metadata"] == {"x-request-id": "r-7"}
    assert 2 < scripted.seen["time_remaining"] <= 3


async def test_a_call_without_a_deadline_gets_one(channels: Channels, scripted: Scripted) -> None:
    await stubs.SessionsServiceStub(channels.to("sessions")).GetSession(pb.GetSessionRequest())

    assert 0 < scripted.seen["time_remaining"] <= 30


def test_a_request_id_that_is_not_sane_is_replaced() -> None:
    call = begin_call((("x-request-id", "x\n" + "y" * 100),), seconds=None)

    assert len(call.request_id) == 36


def test_a_refusal_of_another_service_is_passed_on_as_it_is() -> None:
    original = (("grpc-status-details-bin", b"\x08\x05"),)
    error = grpc.aio.AioRpcError(
        grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), grpc.aio.Metadata(*original), "there is no session"
    )

    assert status_of(refusal_of(error)) == (grpc.StatusCode.NOT_FOUND, "there is no session", b"\x08\x05")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (grpc.StatusCode.CANCELLED, "SERVICE_UNAVAILABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
        (grpc.StatusCode.UNKNOWN, "INTERNAL"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "INTERNAL"),
    ],
)
def test_another_services_failure_never_escapes_as_our_own(code: grpc.StatusCode, reason: str) -> None:
    error = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), "its insides")
    refusal = refusal_of(error)

    assert refusal.reason == reason
    assert "insides" not in refusal.message
