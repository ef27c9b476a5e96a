"""What metrics, traces and logs cost: two servers in turns, one with all of it and one with none."""

from __future__ import annotations

import asyncio
import socket
import statistics
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc

from bench.echo import echo_server
from bench.measuring import Measured, Side, median, turns
from bench.operations import Operations
from bench.options import Options
from bench.server import Server
from bench.table import HEAD, Section, Target, below, line

SHARE_MAX = 0.05
SCRAPING_SECONDS = 5
# A twentieth is hard to see: two servers with the same settings differ by as much, for as long as they run. An even
# number, as they take turns in being asked first.
STARTS = 6
_OFF = {"COUNTERFOIL_LOG_LEVEL": "error"}
_HOW = """\
Two gateways with the same load in turns, started {starts} times, each time for {rounds} rounds of {seconds:g} s;
medians, and of the shares the median of each round's own. With telemetry: a line of JSON for each call and each record,
to a file; metrics, read every {scraping} s; traces, of as many calls as by default, sent to a collector in another
process. Without: a log of errors alone, and nobody who asks for metrics."""


async def measure(options: Options) -> Section:
    rows: list[Measured] = []
    targets: list[Target] = []
    with echo_server() as (collector, _):
        for clients in options.clients:
            starts = [await _of_one_start(options, collector, clients, number) for number in range(STARTS)]
            for what in ("request", "pair"):
                without, having = (
                    [each for start in starts for each in start[f"{what}, {how} telemetry"]]
                    for how in ("without", "with")
                )
                rows += median(without), median(having)
                targets += _targets(what, without, having)
    how = _HOW.format(starts=STARTS, rounds=options.rounds, seconds=options.seconds, scraping=SCRAPING_SECONDS)
    return Section("What telemetry costs", [HEAD, *map(line, rows)], how, targets, rows)


async def _of_one_start(options: Options, collector: str, clients: int, number: int) -> dict[str, list[Measured]]:
    """All rounds of each side, by its name."""
    metrics = f"127.0.0.1:{_free_port()}"
    servers = [("without", _OFF), ("with", _on(collector, metrics))]
    async with AsyncExitStack() as stack:
        asked: dict[str, tuple[Server, Operations]] = {}
        for name, environment in servers[:: -1 if number % 2 else 1]:
            directory = options.directory / f"{name}-{clients}-{number}"
            server = stack.enter_context(Server(directory, environment=environment))
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(server.address))
            asked[name] = server, Operations(channel)
        await stack.enter_async_context(_scraped(metrics))
        sides = [
            Side(f"{what}, {how} telemetry", getattr(operations, once), server.cpu_seconds)
            for what, once in (("request", "request"), ("pair", "settle"))
            for how, (server, operations) in asked.items()
        ]
        found = await turns(sides, clients=clients, seconds=options.seconds, rounds=options.rounds)
        return {side.name: measured for side, measured in zip(sides, found, strict=True)}


def _on(collector: str, metrics: str) -> dict[str, str]:
    return {
        "COUNTERFOIL_LOG_FORMAT": "json",
        "COUNTERFOIL_METRICS_LISTEN": metrics,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector}",
    }


def _targets(what: str, without: list[Measured], having: list[Measured]) -> Iterator[Target]:
    """Judged round by round: two turns that follow each other share the machine with the same others."""
    rounds = list(zip(without, having, strict=True))
    clients = without[0].clients
    name = f"{what}, {clients} at a time: telemetry's share of"
    yield below(f"{name} CPU", SHARE_MAX, statistics.median(on.cpu_ms / off.cpu_ms - 1 for off, on in rounds))
    if clients > 1:
        share = statistics.median(1 - on.per_second / off.per_second for off, on in rounds)
        yield below(f"{name} throughput", SHARE_MAX, share)


@asynccontextmanager
async def _scraped(metrics: str) -> AsyncIterator[None]:
    """Somebody reads the metrics now and then, as Prometheus would."""

    def scrape() -> None:
        urllib.request.urlopen(f"http://{metrics}/metrics").close()

    async def for_ever() -> None:
        while True:
            await asyncio.to_thread(scrape)
            await asyncio.sleep(SCRAPING_SECONDS)

    scraping = asyncio.create_task(for_ever())
    try:
        yield
    finally:
        scraping.cancel()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
