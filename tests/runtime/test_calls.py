"""A call within the process and one over the network look the same to both sides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from counterfoil.sessions.v1 import session_pb2
from counterfoil.sessions.v1 import sessions_service_pb2 as pb
from counterfoil.sessions.v1 import sessions_service_pb2_grpc as stubs
from services.runtime.channels import Channels
from services.runtime.refusals import InvalidArgument
from services.runtime.server import Server
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.runtime.status import reason_of

Context = Any


class Sulking(InvalidArgument):
    reason = "INVALID_FIELD"


class Scripted(stubs.SessionsServiceServicer):
    """Does what the session id of the request says."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.cancelled = asyncio.Event()
        self.running = asyncio.Event()
        # A session id on which it waits, too.
        self.waits_for = "wait"

    async def GetSession(self, request: pb.GetSessionRequest, context: Context) -> pb.GetSessionResponse:  # noqa: N802
        self.seen["metadata"] = dict(context.invocation_metadata() or ())
        self.seen["time_remaining"] = context.time_remaining()
        match request.session_id:
            case "refuse":
                raise Sulking("session_id: not today; try tomorrow", field="session_id", session_id="42")
            case "fault":
                raise RuntimeError("a secret inside")
            case self.waits_for:
                await self._wait()
            case "changes its request":
                request.session_id = "changed by the server"
        return pb.GetSessionResponse(session=session_pb2.Session(id=request.session_id))

    async def WatchSession(  # noqa: N802
        self, request: pb.WatchSessionRequest, context: Context
    ) -> AsyncIterator[pb.WatchSessionResponse]:
        for sequence in range(1, 4):
            yield pb.WatchSessionResponse(sequence=sequence)
        match request.session_id:
            case "refuse":
                raise Sulking("session_id: enough; stop here", field="session_id")
            case "wait":
                await self._wait()

    async def _wait(self) -> None:
        self.running.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()  # type: ignore[abstract]


@pytest.fixture(params=["network", "in process"])
async def channel(request: pytest.FixtureRequest, settings: Settings, scripted: Scripted) -> AsyncIterator[Any]:
    service = Service(
        lambda server: stubs.add_SessionsServiceServicer_to_server(scripted, server),
    )
    if request.param == "network":
        server = Server(service, settings)
        channels = Channels(settings.model_copy(update={"sessions_address": await server.start("127.0.0.1:0")}))
        yield channels._remote["sessions"]
        await channels.close()
        await server.stop()
    else:
        channels = Channels(settings)
        channels.host(service)
        yield channels._local
        await channels.close()


async def test_an_answer_arrives(channel: Any) -> None:
    call = stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="a"), timeout=60)

    assert (await call).session.id == "a"
    assert await call.code() is grpc.StatusCode.OK
    assert await call.details() == ""
    assert "x-request-id" in dict(await call.trailing_metadata())


async def test_metadata_and_the_deadline_reach_the_servicer(channel: Any, scripted: Scripted) -> None:
    metadata = (("x-request-id", "r-1"), ("x-other", "o"))
    call = stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(), timeout=60, metadata=metadata)
    await call

    assert scripted.seen["metadata"]["x-request-id"] == "r-1"
    assert scripted.seen["metadata"]["x-other"] == "o"
    assert 30 < scripted.seen["time_remaining"] < 60.5
    assert dict(await call.trailing_metadata())["x-request-id"] == "r-1"


async def test_a_refusal_carries_code_sentence_and_reason(channel: Any) -> None:
    call = stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="refuse"), timeout=60)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call

    assert raised.value.code() is await call.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details() == await call.details() == "session_id: not today; try tomorrow"
    reason = reason_of(raised.value)
    assert reason
    assert (reason.reason, reason.domain, dict(reason.metadata)) == (
        "INVALID_FIELD",
        "counterfoil",
        {"session_id": "42"},
    )
    assert set(dict(await call.trailing_metadata())) == {"grpc-status-details-bin", "x-request-id"}


async def test_a_fault_shows_nothing_of_our_insides(channel: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="fault"), timeout=60)

    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in str(raised.value.details()) + str(raised.value.trailing_metadata())
    assert "a secret inside" not in "".join(capsys.readouterr())


async def test_the_deadline_ends_the_call_on_both_sides(channel: Any, scripted: Scripted) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="wait"), timeout=1)

    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.wait_for(scripted.cancelled.wait(), 60)


async def test_cancelling_ends_the_call_on_both_sides(channel: Any, scripted: Scripted) -> None:
    call = stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="wait"), timeout=60)
    await asyncio.wait_for(scripted.running.wait(), 60)
    assert call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert call.cancelled()
    assert await call.code() is grpc.StatusCode.CANCELLED
    await asyncio.wait_for(scripted.cancelled.wait(), 60)


async def test_a_stream_arrives_in_order_and_ends(channel: Any) -> None:
    call = stubs.SessionsServiceStub(channel).WatchSession(pb.WatchSessionRequest(), timeout=60)

    assert [each.sequence async for each in call] == [1, 2, 3]
    assert await call.code() is grpc.StatusCode.OK


async def test_a_stream_that_is_refused_gives_what_it_had_first(channel: Any) -> None:
    call = stubs.SessionsServiceStub(channel).WatchSession(pb.WatchSessionRequest(session_id="refuse"), timeout=60)
    seen: list[int] = []

    async def read() -> None:
        async for each in call:
            seen.append(each.sequence)  # noqa: PERF401 - what came before the refusal counts

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await read()

    assert seen == [1, 2, 3]
    assert raised.value.code() is await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_cancelling_a_stream_ends_it_on_both_sides(channel: Any, scripted: Scripted) -> None:
    call = stubs.SessionsServiceStub(channel).WatchSession(pb.WatchSessionRequest(session_id="wait"), timeout=60)

    async def read() -> list[int]:
        return [each.sequence async for each in call]

    reading = asyncio.create_task(read())
    await asyncio.wait_for(scripted.running.wait(), 60)
    assert call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await call.code() is grpc.StatusCode.CANCELLED
    await asyncio.wait_for(scripted.cancelled.wait(), 60)


async def test_a_call_starts_before_it_is_awaited(channel: Any, scripted: Scripted) -> None:
    call = stubs.SessionsServiceStub(channel).GetSession(pb.GetSessionRequest(session_id="wait"), timeout=60)
    await asyncio.wait_for(scripted.running.wait(), 60)
    call.cancel()


async def test_neither_side_sees_the_other_change_a_message(channel: Any) -> None:
    request = pb.GetSessionRequest(session_id="changes its request")
    response = await stubs.SessionsServiceStub(channel).GetSession(request, timeout=60)

    assert request.session_id == "changes its request"
    assert response.session.id == "changed by the server"


async def test_a_method_that_is_not_there_is_unimplemented(channel: Any) -> None:
    method = channel.unary_unary(
        "/counterfoil.sessions.v1.SessionsService/Nothing",
        request_serializer=pb.GetSessionRequest.SerializeToString,
        response_deserializer=pb.GetSessionResponse.FromString,
    )
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await method(pb.GetSessionRequest(), timeout=60)

    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
