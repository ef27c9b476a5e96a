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
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import grpc
from pydantic import SecretStr

from bench.filling import Filled, fill
from bench.operations import Operations
from bench.server import Server
from bench.table import Target, announce, at_most, machine, verdicts
from services.runtime.settings import Settings

T = TypeVar("T")

OPERATIONS = ("request", "claim", "acknowledge", "get")
WARM_UP = 50
# How much longer than with the smallest database it may take.
FACTOR_MAX = 1.5

_HOW = """\
{rounds} rounds of {times} calls of each kind to each server, one call at a time, to sessions picked at random, old and
new; the servers take turns with every call. p99: the median of the rounds' p99, and their least and greatest; times the
first: the median of each round's own."""


@dataclass
class Subject:
    """A server, its filled database, and how long each operation took there in each round."""

    size: int
    operations: Operations
    filled: Filled
    rounds: dict[str, list[list[float]]] = field(default_factory=lambda: {name: [] for name in OPERATIONS})

    def begin_round(self) -> None:
        for rounds in self.rounds.values():
            rounds.append([])

    async def play(self) -> None:
        """Opens one session, settles one of those that wait, and reads one of those that are settled."""
        opened = await self._timed("request", self.operations.opened)
        self.filled.waiting.append(UUID(opened.session.id))
        session_id = self.filled.waiting.pop(random.randrange(len(self.filled.waiting)))
        payee_token = self.filled.payee_token(session_id)
        claim = await self._timed("claim", lambda: self.operations.claim_of(str(session_id)))
        await self._timed("acknowledge", lambda: self.operations.acknowledge_with(payee_token, claim.text))
        self.filled.settled.append(session_id)
        settled = str(random.choice(self.filled.settled))
        await self._timed("get", lambda: self.operations.get(settled))

    def p99s(self, name: str) -> list[float]:
        return [statistics.quantiles(took, n=100, method="inclusive")[98] for took in self.rounds[name]]

    def median(self, name: str) -> float:
        return statistics.median(statistics.median(took) for took in self.rounds[name])

    async def _timed(self, name: str, once: Callable[[], Awaitable[T]]) -> T:
        began = time.perf_counter()
        result = await once()
        self.rounds[name][-1].append(time.perf_counter() - began)
        return result


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="sessions in each")
    parser.add_argument("--times", type=int, default=400, help="calls of each kind in a round (default: 400)")
    parser.add_argument("--rounds", type=int, default=7, help="how many rounds there are (default: 7)")
    parser.add_argument("--directory", help="where the databases are made, 8 kB a session (default: temporary files)")
    parser.add_argument("--database-url", nargs="*", help="empty PostgreSQL databases, one for each size, instead")
    options = parser.parse_args()
    urls = options.database_url or [None] * len(options.sizes)
    print(machine(), end="\n\n")
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        databases = dict(zip(options.sizes, urls, strict=True))
        subjects = asyncio.run(_measure(Path(directory), databases, options.rounds, options.times))
    print(*_table(subjects), "", _HOW.format(rounds=options.rounds, times=options.times), "", sep="\n")
    print(verdicts(_targets(subjects)))


async def _measure(directory: Path, databases: dict[int, str | None], rounds: int, times: int) -> list[Subject]:
    async with contextlib.AsyncExitStack() as stack:
        subjects = [await _prepare(stack, directory / str(size), size, url) for size, url in databases.items()]
        await _round(subjects, WARM_UP, "warming up")
        for subject in subjects:
            subject.rounds = {name: [] for name in OPERATIONS}
        for number in range(rounds):
            await _round(subjects, times, f"round {number + 1} of {rounds}")
        return subjects


async def _round(subjects: list[Subject], times: int, name: str) -> None:
    announce(name)
    for subject in subjects:
        subject.begin_round()
    for _ in range(times):
        for subject in random.sample(subjects, len(subjects)):
            await subject.play()


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


def _table(subjects: list[Subject]) -> Iterator[str]:
    yield f"{'':14}{'sessions':>12}{'median ms':>12}{'p99 ms':>9}{'least':>8}{'greatest':>10}{'times the first':>18}"
    for name in OPERATIONS:
        for subject in subjects:
            p99s = [each * 1000 for each in subject.p99s(name)]
            spread = f"{statistics.median(p99s):9.2f}{min(p99s):8.2f}{max(p99s):10.2f}"
            head = f"{name:14}{subject.size:12,}{subject.median(name) * 1000:12.2f}"
            yield f"{head}{spread}{_factor(name, subject, subjects):18.2f}"


def _targets(subjects: list[Subject]) -> Iterator[Target]:
    for name in OPERATIONS:
        for subject in subjects[1:]:
            what = f"{name}, {subject.size:,} sessions: times the p99 with {subjects[0].size:,}"
            yield at_most(what, FACTOR_MAX, _factor(name, subject, subjects))


def _factor(name: str, subject: Subject, subjects: list[Subject]) -> float:
    rounds = zip(subject.p99s(name), subjects[0].p99s(name), strict=True)
    return statistics.median(p99 / of_first for p99, of_first in rounds)


if __name__ == "__main__":
    main()
