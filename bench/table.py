"""What was measured, for people: tables with the same columns, and at the end what was wanted and what was found."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measuring import Measured

NAME_LETTERS = 42
HEAD = (
    f"{'':{NAME_LETTERS}}{'clients':>8}{'per second':>12}{'median ms':>11}{'p99 ms':>9}{'CPU ms':>9}{'cores':>7}"
    f"{'asking':>8}"
)


@dataclass(frozen=True)
class Target:
    """What is wanted of a figure, and whether it is so."""

    name: str
    wanted: str
    found: float
    met: bool

    def line(self) -> str:
        return f"{self.name:70}{self.wanted:>12}{self.found:10.2f}  {'met' if self.met else 'MISSED'}"


def at_least(name: str, wanted: float, found: float) -> Target:
    return Target(name, f">= {wanted:g}", found, found >= wanted)


def at_most(name: str, wanted: float, found: float) -> Target:
    return Target(name, f"<= {wanted:g}", found, found <= wanted)


def below(name: str, wanted: float, found: float) -> Target:
    return Target(name, f"< {wanted:g}", found, found < wanted)


@dataclass(frozen=True)
class Section:
    title: str
    lines: Sequence[str]
    # How it was measured and what the columns are, for whoever sees nothing but this.
    how: str
    targets: Sequence[Target] = ()
    rows: Sequence[Measured] = field(default=())

    def text(self) -> str:
        return "\n".join([self.title.upper(), "", *self.lines, "", self.how, ""])


def line(row: Measured, more: str = "") -> str:
    times = f"{row.per_second:12.0f}{row.median_ms:11.2f}{row.p99_ms:9.2f}"
    processors = f"{row.cpu_ms:9.3f}{row.cores:7.2f}{row.client_cores:8.2f}"
    return f"{row.name:{NAME_LETTERS}}{row.clients:8}{times}{processors}{more}".rstrip()


def verdicts(targets: Iterable[Target]) -> str:
    lines = [each.line() for each in targets]
    return "\n".join(["TARGETS", "", f"{'':70}{'wanted':>12}{'found':>10}", *lines]) if lines else ""


def machine() -> str:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    return f"{system}, Python {platform.python_version()}"


def announce(what: str) -> None:
    """Where somebody waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what} ...", end="\r", file=sys.stderr, flush=True)
