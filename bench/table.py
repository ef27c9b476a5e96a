"""What was measured, for people."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from bench.measuring import Measured

_HOW = """\
Operations: the gateway as one process with its defaults (SQLite, every commit synced), asked over gRPC from this
process on the same machine. CPU: user and system time of the gateway and its workers for one operation. Targets are
for the median of one client. Parts, below the line: alone in this process, without gRPC."""


def table(rows: Sequence[Measured]) -> str:
    head = f"{'':40}{'clients':>8}{'per second':>12}{'median ms':>11}{'p99 ms':>9}{'CPU ms':>9}"
    parts = [row for row in rows if row.is_part]
    lines = [_line(row) for row in rows if not row.is_part]
    return "\n".join([machine(), "", head, *lines, "-" * len(head), *map(_line, parts), "", _HOW])


def machine() -> str:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    return f"{system}, Python {platform.python_version()}"


def announce(what: str) -> None:
    """Where somebody waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what} ...", end="\r", file=sys.stderr, flush=True)


def _line(row: Measured) -> str:
    numbers = f"{row.per_second:12.0f}{row.median_ms:11.2f}{row.p99_ms:9.2f}{row.cpu_ms:9.2f}"
    return f"{row.name:40}{row.clients:8}{numbers}{_target(row)}"


def _target(row: Measured) -> str:
    if row.target_ms is None:
        return ""
    return f"  target < {row.target_ms:g}: {'met' if row.median_ms < row.target_ms else 'MISSED'}"
