"""`python -m bench.baseline`: the product beside what a user would build instead, in one interleaved run."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import grpc

from bench.baseline.client import Monolith
from bench.measuring import Measured, measure
from bench.operations import Operations
from bench.server import Server
from bench.table import announce, machine

CLIENTS = (1, 16, 100)
ROUNDS = 3

_HOW = """\
Both as one process on SQLite, every commit synced; the monolith (bench/baseline) over HTTP, the product over gRPC with
its defaults, each asked from this process. A pair is a claim and its acknowledgement. Medians of {rounds} rounds, in
turns. CPU: user and system time of the server for one operation."""


@dataclass(frozen=True)
class Row:
    name: str
    monolith: Callable[[], Awaitable[None]]
    product: Callable[[], Awaitable[None]]
    # At 100 clients, so many times the monolith's throughput.
    target: float


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.baseline", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each row is measured (default: 2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_compare(Path(directory), options.seconds))
    print("", _HOW.format(rounds=ROUNDS), sep="\n")


async def _compare(directory: Path, seconds: float) -> None:
    with Server(directory) as server, Monolith(directory) as monolith:
        async with grpc.aio.insecure_channel(server.address) as channel:
            operations = Operations(channel)
            await operations.prepare()
            print(
                machine(), "", f"{'':24}{'clients':>8}{'monolith/s':>12}{'product/s':>11}{'times':>8}", sep="\n", end=""
            )
            print(f"{'p99 ms':>16}{'CPU ms':>16}")
            for row in (
                Row("request", monolith.request, operations.request, 5),
                Row("request with QR code", monolith.request_with_picture, operations.request_with_picture, 20),
                Row("pair", monolith.settle, operations.settle, 5),
            ):
                for clients in CLIENTS:
                    announce(f"{row.name}, {clients} at a time")
                    print(_line(row, clients, *await _measure(row, clients, seconds, operations, monolith, server)))


async def _measure(
    row: Row, clients: int, seconds: float, operations: Operations, monolith: Monolith, server: Server
) -> tuple[Measured, Measured]:
    theirs: list[Measured] = []
    ours: list[Measured] = []
    for _ in range(ROUNDS):
        if row.name == "pair":
            await monolith.prepare_sessions(int(200 * seconds) + 200)
            await operations.prepare_sessions(int(800 * seconds) + 200)
        for rounds, once, cpu in (
            (theirs, row.monolith, monolith.cpu_seconds),
            (ours, row.product, server.cpu_seconds),
        ):
            rounds.append(await measure(row.name, once, cpu, clients=clients, seconds=seconds))
    return _median(theirs), _median(ours)


def _median(rounds: list[Measured]) -> Measured:
    def of(field: str) -> float:
        return float(statistics.median(getattr(each, field) for each in rounds))

    first = rounds[0]
    return Measured(first.name, first.clients, of("per_second"), of("median_ms"), of("p99_ms"), of("cpu_ms"))


def _line(row: Row, clients: int, theirs: Measured, ours: Measured) -> str:
    times = ours.per_second / theirs.per_second
    verdict = (
        f"  target {row.target:g}: {'met' if times >= row.target else 'MISSED'}" if clients == max(CLIENTS) else ""
    )
    rates = f"{row.name:24}{clients:8}{theirs.per_second:12.0f}{ours.per_second:11.0f}{times:8.1f}"
    p99 = f"{theirs.p99_ms:.0f} / {ours.p99_ms:.0f}"
    return f"{rates}{p99:>16}{f'{theirs.cpu_ms:.2f} / {ours.cpu_ms:.2f}':>16}{verdict}"


if __name__ == "__main__":
    main()
