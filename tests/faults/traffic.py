"""Clients who talk through a gateway that dies again and again, and who remember every answer."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc

from counterfoil.credentials.v1.credential_pb2 import Credential
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.parties import OPTIONS, a_claim, a_request, an_acknowledgement, why
from tests.processes import Start

CALL_SECONDS_MAX = 30.0
GIVES_UP = 0.25
ASKS_AGAIN = 0.05


class GaveUp(Exception):
    """A client left without knowing whether the call took effect."""


class Gateway(Protocol):
    async def client(self) -> Any:
        """Stubs of it, once it is there."""
        ...


class DyingGateway:
    """A gateway on one directory that is killed and started again; its clients find it wherever it listens."""

    def __init__(self, launch: Start) -> None:
        self._launch = launch
        self._listening = asyncio.Event()
        self._channels: list[grpc.aio.Channel] = []

    async def client(self) -> Any:
        await self._listening.wait()
        return PaymentsServiceStub(self._channels[-1])

    async def start(self) -> None:
        self._program = self._launch(log_level="warning")
        await asyncio.to_thread(self._program.wait_until_listening)
        self._channels.append(grpc.aio.insecure_channel(self._program.address, OPTIONS))
        self._listening.set()

    async def start_and_die_after(self, seconds: float) -> None:
        """Perhaps before it listens."""
        program = self._launch(log_level="warning")
        await asyncio.sleep(seconds)
        program.kill()

    def die(self) -> None:
        self._listening.clear()
        self._program.kill()

    async def close(self) -> str:
        """Stops in order and returns the log."""
        for channel in self._channels:
            await channel.close()
        await asyncio.to_thread(self._program.stop)
        return self._program.log


@dataclass
class Conversation:
    """What was answered in one session."""

    opened: pb.RequestPaymentResponse
    claims: list[pb.ClaimPaymentResponse] = field(default_factory=list)
    receipts: list[pb.AcknowledgePaymentResponse] = field(default_factory=list)
    # Whether the last call got no answer, so that it may or may not have taken effect.
    broken_off: bool = False

    def credentials(self) -> list[Credential]:
        return [
            self.opened.credential,
            *(each.credential for each in self.claims),
            *(each.receipt for each in self.receipts),
        ]


@dataclass
class Client:
    """A payee and a payer in one, who ask again under the same request_id until they are answered or lose patience."""

    gateway: Gateway
    chance: random.Random
    stopping: asyncio.Event
    conversations: list[Conversation] = field(default_factory=list)
    never_opened: int = 0
    asked_again: int = 0

    async def run(self) -> None:
        while not self.stopping.is_set():
            try:
                opened = await self._ask("RequestPayment", a_request(self.chance.randrange(1, 1_000_00)))
            except GaveUp:
                self.never_opened += 1
                continue
            self.conversations.append(Conversation(opened))
            await self._converse(self.conversations[-1])

    async def _converse(self, conversation: Conversation) -> None:
        token, session_id = conversation.opened.payee_token, conversation.opened.session.id
        try:
            for _ in range(self.chance.randrange(1, 4)):
                claim = await self._ask("ClaimPayment", a_claim(session_id, self.chance.randrange(1, 1_000_00)))
                conversation.claims.append(claim)
                if self.chance.random() < 0.8:
                    receipt = await self._ask("AcknowledgePayment", an_acknowledgement(token, claim.text))
                    conversation.receipts.append(receipt)
        except GaveUp:
            conversation.broken_off = True

    async def _ask(self, method: str, request: Any) -> Any:
        answer = await self._insist(method, request)
        if self.chance.random() < ASKS_AGAIN:
            assert (await self._insist(method, request, for_ever=True)).text == answer.text, "another answer to a retry"
        return answer

    async def _insist(self, method: str, request: Any, *, for_ever: bool = False) -> Any:
        while True:
            client = await self.gateway.client()
            try:
                return await getattr(client, method)(request, timeout=CALL_SECONDS_MAX)
            except grpc.aio.AioRpcError as error:
                if why(error)[0] != "UNAVAILABLE":
                    raise
            if not for_ever and self.chance.random() < GIVES_UP:
                raise GaveUp
            self.asked_again += 1
            await asyncio.sleep(0.02)
