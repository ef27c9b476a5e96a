"""`python -m bench.flood`: what a flood of large requests costs the gateway in memory, and others in time.

So many callers at once send it the largest picture that is taken, each once, over a connection of their own: whole, or
without the last byte. Meanwhile somebody asks for money, over and over.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from bench.server import Server
from bench.table import announce
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

SECONDS_MAX = 60
_PICTURE = os.urandom(8 * 1024 * 1024)
_BODY = json.dumps({"qr_code": base64.b64encode(_PICTURE).decode()}).encode()
_HEAD = "POST /decodeMessage HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
_ASKED = pb.RequestPaymentRequest(
    payee=message_pb2.Party(handle="Ana"), amount=message_pb2.Money(amount="1", currency="EUR")
)


async def over_http(_address: str, url: str) -> str:
    return await _post(url, _BODY)


async def over_http_without_the_end(_address: str, url: str) -> str:
    return await _post(url, _BODY[:-1])


async def over_grpc(address: str, _url: str) -> str:
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(address, options) as channel:
        try:
            await PaymentsServiceStub(channel).DecodeMessage(
                pb.DecodeMessageRequest(image=_PICTURE), timeout=SECONDS_MAX
            )
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"


KINDS: dict[str, Callable[[str, str], Awaitable[str]]] = {
    each.__name__: each for each in (over_http, over_http_without_the_end, over_grpc)
}


async def _post(url: str, sent: bytes) -> str:
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(_HEAD.format(len(_BODY)).encode())
        for start in range(0, len(sent), 65536):
            writer.write(sent[start : start + 65536])
            await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), SECONDS_MAX)
        return answer.split()[1].decode()
    except (OSError, asyncio.IncompleteReadError):
        return "hung up"
    finally:
        writer.close()


@dataclass
class Others:
    """Somebody who has nothing to do with it, and how long their calls took."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    async def ask(self, address: str) -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PaymentsServiceStub(channel)
            while True:
                began = time.perf_counter()
                try:
                    await stub.RequestPayment(_ASKED, timeout=SECONDS_MAX)
                except grpc.aio.AioRpcError:
                    self.failed += 1
                self.seconds.append(time.perf_counter() - began)
                await asyncio.sleep(0.05)


def flood(kind: str, callers: int, address: str, url: str) -> Counter[str]:
    """In a process of its own, so that the others do not wait for it."""

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(KINDS[kind](address, url) for _ in range(callers)))

    return Counter(asyncio.run(all_at_once()))


@dataclass(frozen=True)
class Measured:
    answers: Counter[str]
    seconds: float
    # Resident, of the gateway: before, at most, after.
    memory_mb: tuple[float, float, float]
    others: Others


async def measure(server: Server, kind: str, callers: int) -> Measured:
    before, others = server.memory_mb(), Others()
    asking = asyncio.create_task(others.ask(server.address))
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        answers = await asyncio.to_thread(pool.apply, flood, (kind, callers, server.address, server.url))
    lasted = time.perf_counter() - began
    asking.cancel()
    return Measured(answers, lasted, (before, server.memory_mb_max(), server.memory_mb()), others)


def _said(kind: str, callers: int, measured: Measured) -> str:
    before, most, after = measured.memory_mb
    others = measured.others
    return (
        f"{kind}, {callers} callers: {measured.seconds:.1f} s, answered {dict(measured.answers)}\n"
        f"  memory: {before:.0f} MiB before, {most:.0f} at most, {after:.0f} after\n"
        f"  others: {len(others.seconds)} calls, {others.failed} failed, median "
        f"{statistics.median(others.seconds) * 1000:.0f} ms, longest {max(others.seconds) * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.flood", description=__doc__)
    parser.add_argument("--callers", type=int, default=200)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=", ".join(KINDS))
    options = parser.parse_args()
    for kind in options.kinds:
        announce(kind)
        with tempfile.TemporaryDirectory() as directory, Server(Path(directory)) as server:
            print(_said(kind, options.callers, asyncio.run(measure(server, kind, options.callers))))


if __name__ == "__main__":
    main()
