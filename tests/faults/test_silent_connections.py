"""A router between that forgets a connection: neither side is told, and nothing arrives any more."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from client.sdk import connection
from client.sdk.connection import Connection
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.chaos.links import Link
from tests.faults.parties import a_claim, a_request
from tests.processes import Program, Start

# Instead of ten, as often as the gateway allows.
ASKS_AFTER_SECONDS = 1.2


async def linked(program: Program) -> tuple[Link, str]:
    host, _, port = program.address.rpartition(":")
    link = Link("", lambda: asyncio.open_connection(host, int(port)))
    return link, f"127.0.0.1:{await link.listen()}"


async def test_a_service_behind_is_found_again_within_the_callers_patience(start: Start) -> None:
    """TCP alone takes a quarter of an hour."""
    link, address = await linked(start("services.codec"))
    gateway = start(codec_address=address)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        client: Any = PaymentsServiceStub(channel)
        await client.RequestPayment(a_request())
        link.lose()
        assert (await client.RequestPayment(a_request(), timeout=30)).text
    link.close()


async def test_a_watcher_is_told_of_the_next_change(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only listens would never notice. And who asks every second or so is not sent away for it."""
    patience = {"grpc.keepalive_time_ms": int(ASKS_AFTER_SECONDS * 1000), "grpc.http2.ping_timeout_ms": 2000}
    monkeypatch.setattr(connection, "_OPTIONS", list((dict(connection._OPTIONS) | patience).items()))
    gateway = start()
    link, address = await linked(gateway)
    lost: list[bool] = []
    with Connection(address) as watching, Connection(gateway.address) as speaking:
        opened = speaking.call(speaking.payments.RequestPayment, a_request())
        changes = watching.watch_session(opened.session.id, on_loss=lambda: lost.append(True))
        assert (await asyncio.to_thread(next, changes)).sequence == 1
        next_change = asyncio.create_task(asyncio.to_thread(next, changes))
        await asyncio.sleep(4 * ASKS_AFTER_SECONDS)
        assert lost == []

        link.lose()
        speaking.call(speaking.payments.ClaimPayment, a_claim(opened.session.id))
        assert (await asyncio.wait_for(next_change, 30)).sequence == 2
        changes.close()
    link.close()
