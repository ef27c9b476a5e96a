"""The whole product behind a real gRPC port, in the test's own process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

import services.sessions.wiring
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from gateway.wiring import build
from services.codec.picture_readers import PictureReaders
from services.host import hosted
from services.runtime.server import Server
from services.runtime.settings import Settings


def money(amount: str, currency: str = "EUR") -> message_pb2.Money:
    return message_pb2.Money(amount=amount, currency=currency)


def handle(name: str) -> message_pb2.Party:
    return message_pb2.Party(handle=name)


def asking(**changes: Any) -> pb.RequestPaymentRequest:
    """A request for 120 EUR, with the changes a test is about."""
    return pb.RequestPaymentRequest(**{"payee": handle("Ana"), "amount": money("120"), **changes})


class Clock(datetime):
    """Stands in for `datetime` in the sessions service; `ahead` moves its time."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz or UTC) + cls.ahead


@dataclass
class Gate:
    """A client of the gateway, and ways to say common things shortly."""

    # Where its HTTP side is, in tests that have one.
    url: str = field(default="", kw_only=True)

    stub: Any
    address: str
    settings: Settings
    # The credentials service behind the gateway, which the public does not reach.
    credentials: Any
    clock: type[Clock]

    async def request(self, **changes: Any) -> Any:
        return await self.stub.RequestPayment(asking(**changes))

    async def claim(self, session_id: str, amount: str = "120", **more: Any) -> Any:
        return await self.stub.ClaimPayment(
            pb.ClaimPaymentRequest(**{"session_id": session_id, "amount": money(amount), **more})
        )

    async def acknowledge(self, token: str, text: str, **more: Any) -> Any:
        return await self.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(payee_token=token, text=text, **more))

    async def session(self, session_id: str) -> Any:
        return await self.stub.GetSession(pb.GetSessionRequest(session_id=session_id))

    async def sessions(self) -> list[Any]:
        token = (self.settings.data_dir / "operator-token").read_text().strip()
        return list(
            (await self.stub.ListSessions(pb.ListSessionsRequest(operator_token=token, page_size=100))).sessions
        )

    def forget_credentials(self) -> None:
        """As after a crash between recording a message and issuing its credential."""
        with sqlite3.connect(self.settings.data_dir / "credentials.db") as database:
            database.execute("DELETE FROM credential")


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[str, Any]]:
    async with hosted(settings) as channels:
        server = Server(build(settings, channels), settings)
        address = await server.start("127.0.0.1:0")
        yield address, CredentialsServiceStub(channels.to("credentials"))
        await server.stop()


@asynccontextmanager
async def serving_both(settings: Settings) -> AsyncIterator[tuple[str, str, Any]]:
    """With the HTTP side: the address of gRPC, the URL of HTTP, the credentials service."""
    settings = settings.model_copy(update={"http_listen": "127.0.0.1:0"})
    async with hosted(settings) as channels:
        service = build(settings, channels)
        [face] = service.faces
        server = Server(service, settings)
        address, url = await server.start("127.0.0.1:0"), await face.start()
        yield address, url, CredentialsServiceStub(channels.to("credentials"))
        await asyncio.gather(server.stop(), face.stop())


@pytest.fixture(autouse=True)
def _picture_readers_start_with_the_first_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests have none, and starting two processes takes longer than all the rest of a gateway."""
    monkeypatch.setattr(PictureReaders, "warm_up", lambda _: None)


@pytest.fixture
async def gate(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    clock = type("TestClock", (Clock,), {})
    monkeypatch.setattr(services.sessions.wiring, "datetime", clock)
    settings = settings.model_copy(update={"grace_seconds": 1})
    async with serving(settings) as (address, credentials), grpc.aio.insecure_channel(address) as channel:
        yield Gate(PaymentsServiceStub(channel), address, settings, credentials, clock)


@pytest.fixture
async def both(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    """A gate with its HTTP side."""
    clock = type("TestClock", (Clock,), {})
    monkeypatch.setattr(services.sessions.wiring, "datetime", clock)
    settings = settings.model_copy(update={"grace_seconds": 1})
    async with serving_both(settings) as (address, url, credentials), grpc.aio.insecure_channel(address) as channel:
        yield Gate(PaymentsServiceStub(channel), address, settings, credentials, clock, url=url)
