"""One operation over gRPC, Connect and REST, in turns, and what it costs the gateway."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import grpc

from bench.measuring import Measured, Once, Side, in_turns
from bench.operations import AMOUNT, METHODS, Operations
from bench.options import Options
from bench.server import Server
from bench.table import HEAD, Section, line
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb

_CONNECT = "/counterfoil.payments.v1.PaymentsService/RequestPayment"
_REST = {
    "amount": AMOUNT.amount,
    "currency": AMOUNT.currency,
    "recipient_id": "Ana",
    "description": "two chairs, as agreed",
    "preferences": [{"method": each.method, **each.details} for each in METHODS],
    "format": "COMPACT",
}
_ASKED = pb.RequestPaymentRequest(
    payee=message_pb2.Party(handle="Ana"), amount=AMOUNT, description="two chairs, as agreed", methods=METHODS
)
_HOW = """\
RequestPayment with two ways to pay, asked of one gateway over connections that stay open. {rounds} rounds of
{seconds:g} s in turns, medians."""


class Connections:
    """As little of an HTTP client as it takes: it is not what is measured."""

    def __init__(self, url: str) -> None:
        self._host, _, self._port = url.removeprefix("http://").partition(":")
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def connect(self) -> None:
        asked = pb.RequestPaymentRequest(request_id=str(uuid4()))
        asked.MergeFrom(_ASKED)
        await self._post(_CONNECT, "application/proto", asked.SerializeToString())

    async def rest(self, **more: str) -> None:
        body = {**_REST, **more, "request_id": str(uuid4())}
        await self._post("/paymentRequest", "application/json", json.dumps(body).encode())

    async def rest_with_picture(self) -> None:
        await self.rest(qr_format="PNG")

    async def _post(self, path: str, media_type: str, body: bytes) -> bytes:
        reader, writer = await self._connection()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert answer.startswith("http/1.1 200"), answer
        content = await reader.readexactly(int(answer.partition("content-length: ")[2].partition("\r\n")[0]))
        self._idle.append((reader, writer))
        return content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # As it is when the gateway has closed it meanwhile.
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, int(self._port))


async def measure(options: Options) -> Section:
    rows: list[Measured] = []
    with Server(options.directory) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            operations, http = Operations(channel), Connections(server.url)
            faces: dict[str, Once] = {
                "gRPC": operations.request,
                "Connect, protobuf": http.connect,
                "REST": http.rest,
                "gRPC, with a QR code": operations.request_with_picture,
                "REST, with a QR code": http.rest_with_picture,
            }
            sides = [Side(name, once, server.cpu_seconds) for name, once in faces.items()]
            for clients in options.clients:
                rows += await in_turns(sides, clients=clients, seconds=options.seconds, rounds=options.rounds)
    how = _HOW.format(rounds=options.rounds, seconds=options.seconds)
    return Section("The ways in", [HEAD, *map(line, rows)], how, rows=rows)
