"""The gateway as a process of its own, and the processor time and memory that it and its workers have used."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


class Server:
    """`python -m gateway` on a free port, with its defaults but for what is given, its databases under a directory."""

    def __init__(
        self, directory: Path, database_url: str | None = None, environment: dict[str, str] | None = None
    ) -> None:
        given = {
            "COUNTERFOIL_DATABASE_URL": database_url or "",
            "COUNTERFOIL_DATA_DIR": str(directory / "var"),
            "COUNTERFOIL_GATEWAY_LISTEN": "127.0.0.1:0",
            "COUNTERFOIL_HTTP_LISTEN": "127.0.0.1:0",
            **(environment or {}),
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith(("COUNTERFOIL_", "OTEL_"))}
        directory.mkdir(exist_ok=True)
        # Its log goes to a file, as it would in earnest.
        with (directory / "gateway.log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], stdout=subprocess.PIPE, stderr=log, text=True, env=others | given
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

    def memory_mb(self) -> float:
        """What is resident of the gateway alone, without its worker."""
        return memory_mb_of(self._process.pid, "VmRSS")

    def memory_mb_max(self) -> float:
        """The same, at most since it started."""
        return memory_mb_of(self._process.pid, "VmHWM")

    def processes(self) -> int:
        return len(list(_family(self._process.pid, _parents())))


def cpu_seconds_of(pid: int) -> float:
    """Of the process and the workers that it has."""
    # What clock_getcpuclockid(3) gives for another process; /proc counts hundredths of a second.
    return sum(time.clock_gettime(~each << 3 | 2) for each in _family(pid, _parents()))


def _family(pid: int, parents: dict[int, int]) -> Iterator[int]:
    yield pid
    for each, parent in parents.items():
        if parent == pid:
            yield from _family(each, parents)


def memory_mb_of(pid: int, name: str) -> float:
    """https://man7.org/linux/man-pages/man5/proc_pid_status.5.html"""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


def _parents() -> dict[int, int]:
    """The parent of every process."""
    found: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the fourth field, two after the name.
            found[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
