"""How far an operation is from what it cannot do without: a bare call of its size, and its parts alone."""

from __future__ import annotations

from collections.abc import Mapping

import grpc

from bench.echo import echo_server
from bench.measuring import CpuSeconds, Measured, Side, in_turns
from bench.operations import Operations
from bench.options import Options
from bench.parts import Commits, parts
from bench.server import Server
from bench.table import Section, Target, at_most

# How often each part is in each operation. Canonical: both forms that are hashed, of the document and of its proof.
PARTS = {
    "request": {"canonical": 1, "sign": 1, "pack": 1, "commit": 1},
    "request with QR code": {"canonical": 1, "sign": 1, "pack": 1, "draw": 1, "commit": 1},
    "claim": {"canonical": 1, "sign": 1, "pack": 1, "commit": 1},
    "acknowledge": {"unpack": 1, "canonical": 2, "verify": 1, "sign": 1, "pack": 1, "commit": 1},
}
ALL_PARTS = ("canonical", "sign", "verify", "pack", "unpack", "draw", "commit")
RATIO_MAX = 1.3
PART_SECONDS = 0.3

_HOW = """\
CPU ms of the server for one operation, {rounds} rounds of {seconds:g} s, ours and echo in turns; medians. Echo: a bare
grpc.aio server that answers as many bytes to as many (bench/echo.py). Parts: alone in this process. Canonical: both
forms that a signature is over, and their hashes. Commit: a synced transaction of as many waiting, handed to a writer.
Floor: the sum of echo and the operation's parts. Ours: the product, with everything it checks and keeps beside."""


async def measure(options: Options) -> Section:
    lines, rows, targets = [_head()], [], []
    with Server(options.directory / "product") as server, echo_server() as (address, echo_cpu_seconds):
        async with grpc.aio.insecure_channel(server.address) as ours, grpc.aio.insecure_channel(address) as echo:
            operations = Operations(ours)
            sizes = await operations.sizes()
            sides = [
                Side("request", operations.request, server.cpu_seconds),
                Side("request with QR code", operations.request_with_picture, server.cpu_seconds),
                Side("claim", operations.claim, server.cpu_seconds),
                Side("acknowledge", operations.acknowledge, server.cpu_seconds),
                *(_echo_side(name, echo, sizes[name], echo_cpu_seconds) for name in PARTS),
            ]
            for clients in options.clients:
                found = await in_turns(sides, clients=clients, seconds=options.seconds, rounds=options.rounds)
                of_parts = await _parts(options, clients)
                rows += [*found, *of_parts]
                for name in PARTS:
                    counted = _Floor(name, clients, {each.name: each for each in [*found, *of_parts]})
                    lines.append(counted.line())
                    targets.append(counted.target())
    how = _HOW.format(rounds=options.rounds, seconds=options.seconds)
    return Section("The floor", lines, how, targets, rows)


async def _parts(options: Options, clients: int) -> list[Measured]:
    seconds = min(options.seconds, PART_SECONDS)
    alone = await in_turns(parts(), clients=1, seconds=seconds, rounds=options.rounds)
    async with Commits(options.directory) as commits:
        return alone + await in_turns([commits], clients=clients, seconds=seconds, rounds=options.rounds)


class _Floor:
    def __init__(self, name: str, clients: int, found: Mapping[str, Measured]) -> None:
        self._name = f"{name}, {clients} at a time"
        self._echo = found[f"{name}, echo"].cpu_ms
        self._parts = {part: times * found[part].cpu_ms for part, times in PARTS[name].items()}
        self._floor = self._echo + sum(self._parts.values())
        self._ours = found[name].cpu_ms

    def line(self) -> str:
        cells = "".join(f"{self._parts[each]:10.3f}" if each in self._parts else f"{'':10}" for each in ALL_PARTS)
        sums = f"{self._floor:9.3f}{self._ours:9.3f}{self._ours / self._floor:8.2f}"
        return f"{self._name:38}{self._echo:8.3f}{cells}{sums}"

    def target(self) -> Target:
        return at_most(f"{self._name}: times the floor", RATIO_MAX, self._ours / self._floor)


def _head() -> str:
    return f"{'':38}{'echo':>8}" + "".join(f"{each:>10}" for each in ALL_PARTS) + f"{'floor':>9}{'ours':>9}{'ratio':>8}"


def _echo_side(name: str, channel: grpc.aio.Channel, sizes: tuple[int, int], cpu_seconds: CpuSeconds) -> Side:
    asked, answered = sizes
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/echo/{answered}")
    content = bytes(asked)

    async def once() -> None:
        await call(content)

    return Side(f"{name}, echo", once, cpu_seconds)
