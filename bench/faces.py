"""`python -m bench.faces`: one operation over gRPC, Connect and REST, in turns, and what it costs the gateway."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import grpc

from bench.measuring import Measured, measure
from bench.operations import AMOUNT, METHODS, Operations
from bench.server import Server
from bench.table import announce, machine
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb

ROUNDS = 3
CLIENTS = (16, 100)
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
RequestPayment with two ways to pay, in turns of {seconds:g} s; medians of {rounds} turns. The gateway is one process
with its defaults (SQLite, every commit synced), asked from this process over connections that stay open.
CPU: user and system time of the gateway and its workers for one call."""


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
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, int(self._port))
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert answer.startswith("http/1.1 200"), answer
        content = await reader.readexactly(int(answer.partition("content-length: ")[2].partition("\r\n")[0]))
        self._idle.append((reader, writer))
        return content

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.faces", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each turn is (default: 2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = asyncio.run(_measure_all(Path(directory), options.seconds))
    print(machine() + "\n")
    print(f"{'':40}{'clients':>8}{'per second':>12}{'median ms':>11}{'p99 ms':>9}{'CPU ms':>9}")
    for row in rows:
        numbers = f"{row.per_second:12.0f}{row.median_ms:11.2f}{row.p99_ms:9.2f}{row.cpu_ms:9.2f}"
        print(f"{row.name:40}{row.clients:8}{numbers}")
    print("\n" + _HOW.format(seconds=options.seconds, rounds=ROUNDS))


async def _measure_all(directory: Path, seconds: float) -> list[Measured]:
    with Server(directory) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            operations, http = Operations(channel), Connections(server.url)
            faces: dict[str, Callable[[], Awaitable[object]]] = {
                "gRPC": operations.request,
                "Connect, protobuf": http.connect,
                "REST": http.rest,
                "gRPC, with a QR code": operations.request_with_picture,
                "REST, with a QR code": http.rest_with_picture,
            }
            rows: list[Measured] = []
            for clients in CLIENTS:
                rows += await _in_turns(faces, server, http, clients, seconds)
    return rows


async def _in_turns(
    faces: dict[str, Callable[[], Awaitable[object]]],
    server: Server,
    http: Connections,
    clients: int,
    seconds: float,
) -> list[Measured]:
    turns: dict[str, list[Measured]] = {name: [] for name in faces}
    for _ in range(ROUNDS):
        for name, once in faces.items():
            announce(f"{name}, {clients} at a time")
            turns[name].append(await measure(name, once, server.cpu_seconds, clients=clients, seconds=seconds))
            http.close()  # The gateway would, before their next turn.
    return [_median(each) for each in turns.values()]


def _median(turns: list[Measured]) -> Measured:
    def of(field: str) -> float:
        return float(statistics.median(getattr(turn, field) for turn in turns))

    return replace(
        turns[0], per_second=of("per_second"), median_ms=of("median_ms"), p99_ms=of("p99_ms"), cpu_ms=of("cpu_ms")
    )


if __name__ == "__main__":
    main()
