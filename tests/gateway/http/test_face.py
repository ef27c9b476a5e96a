"""Starting and stopping beside gRPC."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import httpx
import pytest

from gateway.http import face
from gateway.wiring import build
from services.host import hosted
from services.runtime.certificates import Files
from services.runtime.settings import BadSetting, Settings
from tests.certificates import Authority
from tests.gateway.http.conftest import Web
from tests.processes import Program


async def test_http_can_be_switched_off(settings: Settings) -> None:
    settings = settings.model_copy(update={"http_listen": "off"})
    async with hosted(settings) as channels:
        assert build(settings, channels).faces == ()


async def test_a_port_in_use_is_said_in_one_line(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = settings.model_copy(update={"http_listen": address})
        async with hosted(settings) as channels:
            [face] = build(settings, channels).faces
            with pytest.raises(BadSetting, match=f"cannot listen on {address} for HTTP"):
                await face.start()
            await face.stop()


def test_a_port_in_use_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        program = Program.launch("gateway", tmp_path, http_listen=address)

        assert program.wait() == 2
        assert [line for line in program.log.splitlines() if line.startswith("counterfoil: ")] == [
            f"counterfoil: cannot listen on {address} for HTTP: the address is in use or is not one of this machine; "
            "COUNTERFOIL_HTTP_LISTEN sets another, or off"
        ]
        assert "Traceback" not in program.log


async def test_who_does_not_go_on_with_a_handshake_is_let_go(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "HANDSHAKE_SECONDS_MAX", 0.2)
    files = Files(**Authority(tmp_path / "authority").write())
    async with hosted(settings) as channels:
        [https] = build(settings.model_copy(update={"http_listen": "127.0.0.1:0"}), channels).faces
        host, _, port = (await https.start(files)).removeprefix("https://").partition(":")
        silent, _writer = await asyncio.open_connection(host, int(port))
        async with asyncio.timeout(30):
            assert await silent.read() == b""
        await https.stop()


async def test_an_answer_is_sent_at_once(web: Web) -> None:
    """Twenty times the 40 ms that a sender waits for more, or a receiver with its confirmation, would take 800 ms."""
    taken = []
    for _ in range(10):
        started = time.perf_counter()
        for _ in range(20):
            await web.verify()
        taken.append(time.perf_counter() - started)
        if taken[-1] < 0.6:
            break

    assert min(taken) < 0.6


async def test_a_running_call_ends_before_the_stop_and_no_other_begins(web: Web) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        has_begun.set()
        await may_end.wait()

    web.credentials.failing = take_long
    running = asyncio.create_task(web.verify())
    await has_begun.wait()
    stopping = asyncio.create_task(web.face.stop())
    await asyncio.sleep(0.2)
    assert not stopping.done()
    may_end.set()
    await stopping

    assert (await running).status_code == 200
    with pytest.raises(httpx.ConnectError):
        await web.verify()


def test_the_gateway_says_both_addresses_and_stops_in_order(tmp_path: Path) -> None:
    program = Program.start("gateway", tmp_path)
    try:
        answer = httpx.get(f"{program.url}/contexts/v1")
        assert answer.status_code == 200
    finally:
        program.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(program.url)
