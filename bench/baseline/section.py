"""Every operation of the product, and beside it what a user would build instead, in one interleaved run."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from bench.baseline.client import Monolith
from bench.measuring import Measured, Side, in_turns
from bench.operations import Operations
from bench.options import Options
from bench.server import Server
from bench.table import HEAD, Section, Target, at_least, below, line

# More pictures than these at a time the product refuses.
PICTURES_CLIENTS_MAX = 16
# With so many clients at a time, so many times the monolith's throughput...
CLIENTS_JUDGED = 100
TIMES = {"request": 5, "request with QR code": 20, "pair": 5}
# ...and no call in a hundred may take this long.
P99_MS = 200
# For somebody who waits for one picture.
MEDIAN_MS = {"request with QR code": 10, "decode, screenshot 1080x2400": 60}

_HOW = """\
The product is one gateway with all services in it, with its defaults (SQLite, every commit synced), asked over gRPC:
{processes} processes, of which all but one only read or draw pictures. The monolith (bench/baseline) is one process on
SQLite, every commit synced, asked over HTTP on kept connections. A pair is a claim and its acknowledgement.
{rounds} rounds of {seconds:g} s each, all rows of one number of clients in turns; medians. CPU: user and system time of
the server and its workers for one operation. Cores: how many processors they kept busy; asking: how much of one this
process, which asks, kept busy: near 1 it is the bottleneck. Times: beside the monolith, throughput / CPU."""


async def measure(options: Options) -> Section:
    with Server(options.directory / "product", options.database_url) as server:
        with Monolith(options.directory) as monolith:
            async with grpc.aio.insecure_channel(server.address) as channel:
                operations = Operations(channel)
                await operations.prepare()
                rows: list[Measured] = []
                for clients in options.clients:
                    sides = _sides(operations, server, monolith, clients)
                    rows += await in_turns(sides, clients=clients, seconds=options.seconds, rounds=options.rounds)
        how = _HOW.format(processes=server.processes(), rounds=options.rounds, seconds=options.seconds)
    return Section("Operations, beside a monolith", list(_lines(rows)), how, list(_targets(rows)), rows)


def _sides(operations: Operations, server: Server, monolith: Monolith, clients: int) -> list[Side]:
    """Those that open sessions before those that use them up; what is left of a round is for the next."""
    sides = {
        "request": operations.request,
        "request, monolith": monolith.request,
        "request with QR code": operations.request_with_picture,
        "request with QR code, monolith": monolith.request_with_picture,
        "pair": operations.settle,
        "pair, monolith": monolith.settle,
        "claim": operations.claim,
        "acknowledge": operations.acknowledge,
        "decode, text of a claim": operations.decode_text,
        "decode, screenshot 1080x2400": operations.decode_screenshot,
        "get session, three messages": operations.get_session,
    }
    if clients > PICTURES_CLIENTS_MAX:
        del sides["decode, screenshot 1080x2400"]
    return [
        Side(name, once, (monolith if name.endswith("monolith") else server).cpu_seconds)
        for name, once in sides.items()
    ]


def _lines(rows: list[Measured]) -> Iterator[str]:
    yield f"{HEAD}{'times':>16}"
    for row in sorted(rows, key=lambda row: [each.name for each in rows].index(row.name)):
        theirs = _monolith(row, rows)
        if theirs is None:
            yield line(row)
        else:
            yield line(row, f"{row.per_second / theirs.per_second:9.1f} /{theirs.cpu_ms / row.cpu_ms:5.1f}")


def _targets(rows: list[Measured]) -> Iterator[Target]:
    for row in rows:
        if row.name in MEDIAN_MS and row.clients == 1:
            yield below(f"{row.name}, 1 at a time: median in ms", MEDIAN_MS[row.name], row.median_ms)
        theirs = _monolith(row, rows)
        if theirs is not None and row.clients == CLIENTS_JUDGED:
            name = f"{row.name}, {row.clients} at a time"
            times = row.per_second / theirs.per_second
            yield at_least(f"{name}: times the monolith's throughput", TIMES[row.name], times)
            yield below(f"{name}: p99 in ms", P99_MS, row.p99_ms)


def _monolith(ours: Measured, rows: list[Measured]) -> Measured | None:
    named = f"{ours.name}, monolith"
    return next((each for each in rows if each.name == named and each.clients == ours.clients), None)
