"""What many callers at once are given, and what they leave to others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from gateway import flows
from gateway.http import application, connection, face
from services.runtime.settings import Settings
from services.runtime.space import Space
from tests.gateway.conftest import serving_both
from tests.gateway.http.conftest import Web, problem
from tests.gateway.http.rest import Rest

_LARGE = 20_000


@pytest.fixture
def space() -> Space:
    """There is room for one body that is not small."""
    return Space(30_000, patience_seconds=0.5, waiting_seconds_max=1)


@pytest.fixture
def narrow(space: Space, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Web:
    monkeypatch.setattr(application, "Space", lambda *_, **__: space)
    web: Web = request.getfixturevalue("web")
    return web


async def _begin(web: Web, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A large body that is not sent to its end."""
    host, _, port = web.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /credentials/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n%b\r\n\r\n{" % head
    )
    await writer.drain()
    return reader, writer


async def _until_taken(space: Space) -> None:
    async with asyncio.timeout(20):
        while not space._arriving:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _verify_something_large(web: Web) -> httpx.Response:
    return await web.verify({"name": "x" * _LARGE})


async def test_a_slow_body_makes_room_for_who_waits(narrow: Web, space: Space) -> None:
    reader, writer = await _begin(narrow, b"Content-Length: 20000")
    await _until_taken(space)
    space._seconds_max = 20

    assert (await _verify_something_large(narrow)).status_code == 200
    assert (await reader.readline()).startswith(b"HTTP/1.1 503")
    writer.close()


@pytest.mark.parametrize("space", [Space(30_000, patience_seconds=60, waiting_seconds_max=60)], ids=["patient"])
async def test_small_bodies_do_not_wait_for_large_ones(narrow: Web, space: Space) -> None:
    _, writer = await _begin(narrow, b"Content-Length: 20000")
    await _until_taken(space)

    assert (await asyncio.wait_for(narrow.verify(), 20)).status_code == 200
    writer.close()


async def test_who_finds_no_room_is_told_when_to_come_again(narrow: Web) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        has_begun.set()
        await may_end.wait()

    narrow.credentials.failing = take_long
    held = asyncio.create_task(_verify_something_large(narrow))
    await has_begun.wait()
    answer = await _verify_something_large(narrow)
    may_end.set()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert problem(answer)["reason"] == "OVERLOADED"
    assert (await held).status_code == 200


async def test_a_body_whose_size_is_not_said_takes_room_for_the_largest(narrow: Web) -> None:
    reader, writer = await _begin(narrow, b"Transfer-Encoding: chunked")

    assert (await reader.readline()).startswith(b"HTTP/1.1 503")
    writer.close()


@pytest.mark.parametrize(
    ("where", "name", "most"),
    [
        pytest.param(flows, "WATCHERS_MAX", 6, id="of those over gRPC and HTTP together"),
        pytest.param(face, "CONNECTIONS_MAX", 8, id="so that some connections are left for calls"),
    ],
)
async def test_one_watcher_too_many_is_told_so_before_anything_is_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, most: int
) -> None:
    """Pitfall: ten thousand who listen would take every connection there is."""
    monkeypatch.setattr(where, name, most)
    async with serving_both(settings) as (_, url, _), httpx.AsyncClient(base_url=url) as client:
        path = f"/session/{(await Rest(client).request())['session_id']}"
        tag = (await client.get(path)).headers["etag"]
        async with AsyncExitStack() as watching:
            for _ in range(6):
                lines = (await watching.enter_async_context(client.stream("GET", f"{path}/events"))).aiter_lines()
                while not (await anext(lines)).startswith("id:"):
                    pass
                watching.push_async_callback(lines.aclose)  # type: ignore[attr-defined]
            listening = await client.get(f"{path}/events")
            waiting = await client.get(path, params={"wait": 5, "etag": tag})
            calling = await client.get(path)

        assert calling.status_code == 200
        for refused in (listening, waiting):
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert problem(refused)["reason"] == "OVERLOADED"
        async with asyncio.timeout(20):  # Until it has noticed that they left.
            while not await _may_watch(client, path):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def _may_watch(client: httpx.AsyncClient, path: str) -> bool:
    async with client.stream("GET", f"{path}/events") as answer:
        return answer.status_code == 200


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a request was answered."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"}")
    return reader, writer


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Web:
    """There are three connections."""
    monkeypatch.setattr(face, "CONNECTIONS_MAX", 3)
    web: Web = request.getfixturevalue("web")
    return web


async def test_an_idle_connection_is_kept_shorter_when_most_are_taken(
    few: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "KEEP_ALIVE_SECONDS_WHEN_FULL", 0.2)
    first, writer = await _connect(few.url)
    second, other = await _connect(few.url)

    assert await asyncio.wait_for(second.read(), 30) == b""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(first.read(), 0.5)
    for each in (writer, other):
        each.close()


def test_a_proxy_in_front_gives_an_idle_connection_up_before_we_do() -> None:
    """nginx keeps one for 60 seconds without using it, as do others and the balancers of clouds."""
    assert connection.KEEP_ALIVE_SECONDS > 60
