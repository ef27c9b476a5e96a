"""Doing one thing again and again, and how long it took each time."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

WARM_UP_TIMES = 20


class NothingLeft(Exception):
    """What was prepared for an operation is used up."""


@dataclass(frozen=True)
class Measured:
    name: str
    clients: int
    per_second: float
    median_ms: float
    p99_ms: float
    cpu_ms: float
    # The median that is wanted of one client; None where nothing is promised.
    target_ms: float | None = None
    # A part of operations, measured alone.
    is_part: bool = False


async def measure(
    name: str,
    once: Callable[[], Awaitable[object]],
    cpu_seconds: Callable[[], float],
    *,
    clients: int = 1,
    seconds: float,
    target_ms: float | None = None,
) -> Measured:
    """Each client does it once more as soon as it is done. `cpu_seconds` tells what the measured side has used."""
    for _ in range(WARM_UP_TIMES):
        await once()
    took: list[float] = []
    used, began = cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(_repeat(once, began + seconds, took) for _ in range(clients)))
    lasted, used = time.perf_counter() - began, cpu_seconds() - used
    assert len(took) > 1, f"{name}: give it more seconds"
    return Measured(
        name,
        clients,
        per_second=len(took) / lasted,
        median_ms=statistics.median(took) * 1000,
        p99_ms=statistics.quantiles(took, n=100, method="inclusive")[98] * 1000,
        cpu_ms=used / len(took) * 1000,
        target_ms=target_ms if clients == 1 else None,
    )


async def _repeat(once: Callable[[], Awaitable[object]], until: float, took: list[float]) -> None:
    while (began := time.perf_counter()) < until:
        try:
            await once()
        except NothingLeft:
            return
        took.append(time.perf_counter() - began)
