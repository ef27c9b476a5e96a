"""The gateway as a process of its own, and the processor time that it and its workers have used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Server:
    """`python -m gateway` with the defaults, on a free port, with its databases under a directory or at a URL."""

    def __init__(self, directory: Path, database_url: str | None = None) -> None:
        given = {
            "DATABASE_URL": database_url or "",
            "DATA_DIR": str(directory / "var"),
            "GATEWAY_LISTEN": "127.0.0.1:0",
            "HTTP_LISTEN": "127.0.0.1:0",
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        environment |= {f"COUNTERFOIL_{name}": value for name, value in given.items()}
        # Its log goes to a file, as it would in earnest.
        with (directory / "gateway.log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        assert self._process.stdout
        greeting = self._process.stdout.readline()
        self.address = greeting.partition(" listens on ")[2].partition(" ")[0]
        self.url = greeting.partition(" and ")[2].strip()
        assert self.address, (directory / "gateway.log").read_text()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate()

    def cpu_seconds(self) -> float:
        return cpu_seconds_of(self._process.pid)


def cpu_seconds_of(pid: int) -> float:
    """Of the process, the workers that it has, and those that it had."""
    table = _process_table()
    used, children = 0, [pid]
    while children:
        pid = children.pop()
        used += table[pid][1]
        children += [each for each, (parent, _) in table.items() if parent == pid]
    return used / _TICKS_A_SECOND


def _process_table() -> dict[int, tuple[int, int]]:
    """The parent and the used ticks of every process, those of its dead children included."""
    table: dict[int, tuple[int, int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and on, after the name.
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        table[int(status.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return table
