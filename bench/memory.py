"""`python -m bench.memory`: what one gateway process with all services keeps in memory, and how soon watchers hear."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

import grpc

from bench.operations import Operations
from bench.server import Server
from bench.table import Target, announce, below, machine, verdicts
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

AT_A_TIME = 100
# One in so many is claimed and acknowledged.
SETTLED = 10
# A connection takes 1000 streams.
WATCHERS_OF_CHANNEL = 900
WATCHERS_OF_SESSION = 100
EVENTS = 20
HEARING_SECONDS_MAX = 30
SESSIONS_MB, WATCHERS_MB = 200, 500

_HOW = """\
Resident memory of the gateway with its defaults, which holds all services; its reader of pictures is another process.
Sessions: opened over gRPC, 100 at a time, one in ten settled. Watchers: streams of WatchSession, 100 to a session,
900 to a connection, all from this process, on a gateway of its own. Heard: from the call that claims to the time that
the last of the session's watchers has the event; median and worst of {events} claims."""


class Watchers:
    """Streams that have had their snapshot; `heard` says when each of one session's heard more."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._snapshots = 0
        self.heard: list[float] = []
        self.all_heard = asyncio.Event()

    async def add(self, client: PaymentsServiceStub, session_id: str) -> None:
        told = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._watch(client, session_id, told)))
        await told.wait()

    async def _watch(self, client: PaymentsServiceStub, session_id: str, told: asyncio.Event) -> None:
        changes = cast(AsyncIterator[object], client.WatchSession(pb.WatchSessionRequest(session_id=session_id)))
        try:
            async for _ in changes:
                if told.is_set():
                    self._hear()
                told.set()
        finally:
            told.set()

    def _hear(self) -> None:
        self.heard.append(time.perf_counter())
        if len(self.heard) == WATCHERS_OF_SESSION:
            self.all_heard.set()

    def running(self) -> int:
        return sum(not task.done() for task in self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def measure_sessions(directory: Path, sessions: int) -> list[Target]:
    with Server(directory) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            operations = Operations(channel)
            print(f"{'sessions':>10}{'MB':>8}")
            print(f"{0:10,}{server.memory_mb():8.0f}")
            opened = 0
            for share in range(1, 11):
                while opened < sessions * share // 10:
                    announce(f"{opened} sessions")
                    await asyncio.gather(*(operations.request() for _ in range(AT_A_TIME)))
                    await asyncio.gather(*(operations.settle() for _ in range(AT_A_TIME // SETTLED)))
                    opened += AT_A_TIME
                print(f"{opened:10,}{server.memory_mb():8.0f}", flush=True)
        return [below(f"memory after {opened:,} sessions in MB", SESSIONS_MB, server.memory_mb())]


async def measure_watchers(directory: Path, watchers: int) -> list[Target]:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(Server(directory))
        operations = Operations(await stack.enter_async_context(_channel(server)))
        sessions = [(await operations.opened()).session.id for _ in range(watchers // WATCHERS_OF_SESSION)]
        before = server.memory_mb()
        watching = Watchers()
        stack.push_async_callback(watching.close)
        for start in range(0, watchers, WATCHERS_OF_CHANNEL):
            announce(f"{start} watchers")
            client = PaymentsServiceStub(await stack.enter_async_context(_channel(server)))
            numbers = range(start, min(start + WATCHERS_OF_CHANNEL, watchers))
            await asyncio.gather(*(watching.add(client, sessions[number % len(sessions)]) for number in numbers))
        took = [await _heard(operations, watching, session_id) for session_id in sessions[:EVENTS]]
        assert watching.running() == watchers, "streams ended"
        after = server.memory_mb()
        typical, worst = statistics.median(took) * 1000, max(took) * 1000
        print(f"\n{'watchers':>10}{'MB before':>11}{'MB':>8}{'kB each':>9}{'heard ms':>10}{'worst ms':>10}")
        each = (after - before) * 1024 / watchers
        print(f"{watchers:10,}{before:11.0f}{after:8.0f}{each:9.1f}{typical:10.1f}{worst:10.1f}\n", flush=True)
        return [below(f"memory with {watchers:,} watchers in MB", WATCHERS_MB, after)]


async def _heard(operations: Operations, watching: Watchers, session_id: str) -> float:
    """Seconds until the last of its watchers has heard of a claim."""
    watching.heard.clear()
    watching.all_heard.clear()
    began = time.perf_counter()
    await operations.claim_of(session_id)
    async with asyncio.timeout(HEARING_SECONDS_MAX):
        await watching.all_heard.wait()
    return watching.heard[-1] - began


def _channel(server: Server) -> grpc.aio.Channel:
    """A connection of its own: channels with the same options would share one."""
    return grpc.aio.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)])


async def _measure(directory: Path, sessions: int, watchers: int) -> list[Target]:
    return [
        *await measure_watchers(directory / "watched", watchers),
        *await measure_sessions(directory / "opened", sessions),
    ]


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.memory", description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000, help="how many are opened (default: 100,000)")
    parser.add_argument("--watchers", type=int, default=10_000, help="how many streams there are (default: 10,000)")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    with tempfile.TemporaryDirectory() as directory:
        targets = asyncio.run(_measure(Path(directory), options.sessions, options.watchers))
    print("", _HOW.format(events=EVENTS), "", verdicts(targets), sep="\n")


if __name__ == "__main__":
    main()
