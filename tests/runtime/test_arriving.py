"""Messages of strangers on a real gRPC port: those that stop halfway, that are large, that do not come."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from counterfoil.sessions.v1 import sessions_service_pb2 as pb
from counterfoil.sessions.v1 import sessions_service_pb2_grpc as stubs
from services.runtime import arriving
from services.runtime.server import Server
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.runtime.status import reason_of
from tests.runtime.test_calls import Scripted

_GET = "/counterfoil.sessions.v1.SessionsService/GetSession"
_LARGE = "x" * 100_000


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()  # type: ignore[abstract]


@pytest.fixture
def seconds_max() -> float:
    """What a call may take."""
    return 60.0


@pytest.fixture
async def channel(
    settings: Settings, scripted: Scripted, seconds_max: float, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Any]:
    """To a server that takes in two messages at once, and answers one large one at a time."""
    monkeypatch.setattr(arriving, "ARRIVING_MAX", 2)
    monkeypatch.setattr(arriving, "LARGE_BYTES_MAX", 150_000)
    service = Service(lambda server: stubs.add_SessionsServiceServicer_to_server(scripted, server))
    server = Server(service, settings.model_copy(update={"deadline_seconds_max": seconds_max, "grace_seconds": 0}))
    address = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(address) as channel:
        yield channel
    await server.stop()


async def _nothing(seconds: float) -> AsyncIterator[bytes]:
    await asyncio.sleep(seconds)
    for message in list[bytes]():
        yield message


def _stalled(channel: Any) -> Any:
    """A call whose message does not come."""
    return channel.stream_unary(_GET)(_nothing(300))


async def _reason(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    info = reason_of(raised.value)
    assert info, raised.value
    return raised.value.code().name, info.reason


async def test_messages_that_do_not_come_keep_nobody_out(channel: Any) -> None:
    """Pitfall: any number of streams, each of which holds what it has sent for as long as its caller likes."""
    stalled = [_stalled(channel) for _ in range(2)]
    stub = stubs.SessionsServiceStub(channel)

    while not any(each.done() for each in stalled):
        await asyncio.wait_for(stub.GetSession(pb.GetSessionRequest(session_id="a")), 20)
    for _ in range(5):
        await asyncio.wait_for(stub.GetSession(pb.GetSessionRequest(session_id="a")), 20)
    [ended] = [each for each in stalled if each.done()]
    assert await _reason(ended) == ("RESOURCE_EXHAUSTED", "OVERLOADED")


@pytest.mark.parametrize("seconds_max", [0.5])
async def test_a_message_that_does_not_come_ends_with_the_time_for_a_call(channel: Any) -> None:
    assert await _reason(_stalled(channel)) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")


async def test_a_call_without_its_message_is_refused(channel: Any) -> None:
    assert await _reason(channel.stream_unary(_GET)(_nothing(0))) == ("INVALID_ARGUMENT", "INVALID_FIELD")


async def test_large_messages_are_refused_while_others_are_answered_and_small_ones_are_not(
    channel: Any, scripted: Scripted
) -> None:
    stub: Any = stubs.SessionsServiceStub(channel)
    scripted.waits_for = _LARGE
    held = stub.GetSession(pb.GetSessionRequest(session_id=_LARGE))
    await scripted.running.wait()

    refused = stub.GetSession(pb.GetSessionRequest(session_id=_LARGE))
    assert await _reason(refused) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
    assert (await stub.GetSession(pb.GetSessionRequest(session_id="small"))).session.id == "small"
    held.cancel()
    await scripted.cancelled.wait()
    scripted.waits_for = ""
    assert (await stub.GetSession(pb.GetSessionRequest(session_id=_LARGE))).session.id == _LARGE


async def test_what_begins_a_stream_is_small_since_it_is_kept(channel: Any) -> None:
    stub: Any = stubs.SessionsServiceStub(channel)
    first = stub.WatchSession(pb.WatchSessionRequest(session_id=_LARGE)).read()

    assert await _reason(first) == ("INVALID_ARGUMENT", "INVALID_FIELD")


async def test_health_is_asked_of_a_server_whose_places_are_taken(channel: Any) -> None:
    held = [channel.stream_unary("/grpc.health.v1.Health/Check")(_nothing(300)) for _ in range(2)]
    while not any(each.done() for each in held):
        await asyncio.wait_for(HealthStub(channel).Check(HealthCheckRequest()), 20)
    assert not all(each.done() for each in held)


async def test_a_refused_call_leaves_nothing_of_its_request_behind(channel: Any) -> None:
    """Pitfall: errors and the frames they passed held each other, and with them a picture several times."""
    refused = pb.GetSessionRequest(session_id="refuse").SerializeToString()
    await _reason(channel.unary_unary(_GET)(refused))
    gc.collect()
    gc.disable()
    try:
        await _reason(channel.unary_unary(_GET)(refused))
        async with asyncio.timeout(20):  # The server may have to do a little yet.
            while any(isinstance(each, pb.GetSessionRequest) for each in gc.get_objects()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        gc.enable()
