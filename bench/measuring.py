"""Doing things again and again, in turns, and what each time took."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from bench.table import announce

WARM_UP_TIMES = 2

Once = Callable[[], Awaitable[object]]
CpuSeconds = Callable[[], float]


class NothingLeft(Exception):
    """What was prepared for an operation is used up."""


@dataclass(frozen=True)
class Side:
    """One thing that is done to one server."""

    name: str
    once: Once
    # Seconds of processor time, user and system, that the server and its workers have used so far.
    cpu_seconds: CpuSeconds


@dataclass(frozen=True)
class Measured:
    name: str
    clients: int
    per_second: float
    median_ms: float
    p99_ms: float
    # Of the server and its workers, for one operation.
    cpu_ms: float
    # How many processors the server and its workers kept busy, and this process, which asks.
    cores: float
    client_cores: float


async def in_turns(sides: Sequence[Side], *, clients: int, seconds: float, rounds: int) -> list[Measured]:
    """Medians of some rounds, in each of which all sides have their turn: what else the machine does disturbs all."""
    return [median(each) for each in await turns(sides, clients=clients, seconds=seconds, rounds=rounds)]


async def turns(sides: Sequence[Side], *, clients: int, seconds: float, rounds: int) -> list[list[Measured]]:
    """Every round of every side."""
    found: list[list[Measured]] = [[] for _ in sides]
    for number in range(rounds):
        for side, measured in zip(sides, found, strict=True):
            announce(f"{side.name}, {clients} at a time, round {number + 1} of {rounds}")
            measured.append(await measure(side.name, side.once, side.cpu_seconds, clients=clients, seconds=seconds))
    return found


async def measure(name: str, once: Once, cpu_seconds: CpuSeconds, *, clients: int = 1, seconds: float) -> Measured:
    """Each client does it once more as soon as it is done."""
    await asyncio.gather(*(once() for _ in range(WARM_UP_TIMES)), return_exceptions=True)
    took: list[float] = []
    used, asking, began = cpu_seconds(), time.process_time(), time.perf_counter()
    await asyncio.gather(*(_repeat(once, began + seconds, took) for _ in range(clients)))
    lasted, asking, used = time.perf_counter() - began, time.process_time() - asking, cpu_seconds() - used
    assert len(took) > 1, f"{name}: give it more seconds"
    return Measured(
        name,
        clients,
        per_second=len(took) / lasted,
        median_ms=statistics.median(took) * 1000,
        p99_ms=statistics.quantiles(took, n=100, method="inclusive")[98] * 1000,
        cpu_ms=used / len(took) * 1000,
        cores=used / lasted,
        client_cores=asking / lasted,
    )


def median(rounds: Sequence[Measured]) -> Measured:
    first = rounds[0]
    return replace(
        first, **{name: statistics.median(getattr(each, name) for each in rounds) for name in _numbers(first)}
    )


def _numbers(measured: Measured) -> Iterator[str]:
    return (each.name for each in fields(measured) if each.name not in ("name", "clients"))


async def _repeat(once: Once, until: float, took: list[float]) -> None:
    while (began := time.perf_counter()) < until or len(took) < 2:
        try:
            await once()
        except NothingLeft:
            return
        took.append(time.perf_counter() - began)
