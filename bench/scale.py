"""`python -m bench.scale`: whether what the product does takes longer as its database grows.

Servers with databases of several sizes are asked in turn, so that what else the machine does disturbs all alike.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import grpc
from pydantic import SecretStr

from bench.filling import Filled, fill
from bench.operations import Operations
from bench.server import Server
from bench.table import announce, machine
from services.runtime.settings import Settings

T = TypeVar("T")

OPERATIONS = ("request", "claim", "acknowledge", "get")
WARM_UP = 10
# How much longer than with the smallest database it may take.
FACTOR_MAX = 1.5


@dataclass
class Subject:
    """A server, its filled database, and how long each operation took there."""

    size: int
    operations: Operations
    filled: Filled
    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in OPERATIONS})

    async def play(self) -> None:
        """Opens one session, settles one of those that wait, and reads one of those that are settled."""
        await self._timed("request", self.operations.request)
        session_id = self.filled.waiting.pop(random.randrange(len(self.filled.waiting)))
        payee_token = self.filled.payee_token(session_id)
        claim = await self._timed("claim", lambda: self.operations.claim_of(str(session_id)))
        await self._timed("acknowledge", lambda: self.operations.acknowledge_with(payee_token, claim.text))
        settled = str(random.choice(self.filled.settled))
        await self._timed("get", lambda: self.operations.get(settled))

    async def _timed(self, name: str, once: Callable[[], Awaitable[T]]) -> T:
        began = time.perf_counter()
        result = await once()
        self.took[name].append(time.perf_counter() - began)
        return result


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="sessions in each")
    parser.add_argument("--times", type=int, default=400, help="how often each operation is measured (default: 400)")
    parser.add_argument("--directory", help="where the databases are made, 8 kB a session (default: temporary files)")
    parser.add_argument("--database-url", nargs="*", help="empty PostgreSQL databases, one for each size, instead")
    options = parser.parse_args()
    urls = options.database_url or [None] * len(options.sizes)
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        asyncio.run(_run(Path(directory), dict(zip(options.sizes, urls, strict=True)), options.times))


async def _run(directory: Path, sizes: dict[int, str | None], times: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        subjects = [await _prepare(stack, directory / str(size), size, url) for size, url in sizes.items()]
        for number in range(WARM_UP + times):
            announce(f"round {number}")
            if number == WARM_UP:
                for subject in subjects:
                    subject.took = {name: [] for name in OPERATIONS}
            for subject in random.sample(subjects, len(subjects)):
                await subject.play()
    print("\n".join([machine(), "", *_table(subjects)]))


async def _prepare(stack: contextlib.AsyncExitStack, directory: Path, size: int, url: str | None) -> Subject:
    directory.mkdir()  # noqa: ASYNC240 - nothing else is going on
    settings = Settings(data_dir=directory / "var", database_url=SecretStr(url) if url else None)
    with Server(directory, url) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            issuer = (await Operations(channel).opened()).session.request.issuer
    announce(f"filling {size} sessions")
    filled = await fill(settings, issuer, size)
    server = stack.enter_context(Server(directory, url))
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(server.address))
    return Subject(size, Operations(channel), filled)


def _table(subjects: list[Subject]) -> list[str]:
    head = f"{'':14}{'sessions':>12}{'median ms':>12}{'p99 ms':>9}{'p99 to the first':>18}"
    return [head, *(_line(name, subject, subjects[0]) for name in OPERATIONS for subject in subjects)]


def _line(name: str, subject: Subject, smallest: Subject) -> str:
    took = subject.took[name]
    factor = _p99(took) / _p99(smallest.took[name])
    kept = "" if factor <= FACTOR_MAX else f"  over {FACTOR_MAX}"
    median = statistics.median(took) * 1000
    return f"{name:14}{subject.size:12,}{median:12.2f}{_p99(took) * 1000:9.2f}{factor:18.2f}{kept}"


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100, method="inclusive")[98]


if __name__ == "__main__":
    main()
