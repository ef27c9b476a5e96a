"""Our programs as an operator runs them: processes on a free port, stopped in order or killed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

STARTING_SECONDS_MAX = 60.0
STOPPING_SECONDS_MAX = 90.0
ANY_PORT = "127.0.0.1:0"


@dataclass
class Program:
    """`python -m` one of our modules, with the settings it is given and none of the environment's."""

    module: str
    process: subprocess.Popen[str]
    log_file: Path
    # Where it listens; empty until it says so.
    address: str = ""
    # The URL of its HTTP side, "http://127.0.0.1:49152"; empty where it has none.
    url: str = ""

    @classmethod
    def launch(cls, module: str, directory: Path, python: str = sys.executable, **settings: str) -> Program:
        """Starts without waiting. Everything it keeps, and its log, stands under the directory."""
        return cls.launch_with({}, module, directory, python, **settings)

    @classmethod
    def launch_with(
        cls, variables: dict[str, str], module: str, directory: Path, python: str = sys.executable, **settings: str
    ) -> Program:
        """The same, with variables in its environment that are no settings of ours."""
        name = _name(module)
        directory.mkdir(parents=True, exist_ok=True)
        given = {"data_dir": str(directory / "var"), f"{name}_listen": ANY_PORT, "http_listen": ANY_PORT, **settings}
        environment = {key: value for key, value in os.environ.items() if not key.startswith("COUNTERFOIL_")}
        environment |= {f"COUNTERFOIL_{key.upper()}": value for key, value in given.items()} | variables
        log_file = directory / f"{name}.log"
        with log_file.open("a") as log:
            process = subprocess.Popen(
                [python, "-m", module], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        return cls(module, process, log_file)

    @classmethod
    def start(cls, module: str, directory: Path, python: str = sys.executable, **settings: str) -> Program:
        """Starts, and returns when it listens."""
        return cls.launch(module, directory, python, **settings).wait_until_listening()

    @property
    def name(self) -> str:
        return _name(self.module)

    def wait_until_listening(self) -> Program:
        assert self.process.stdout
        alarm = Timer(STARTING_SECONDS_MAX, self.process.kill)
        alarm.start()
        greeting = self.process.stdout.readline()
        alarm.cancel()
        assert " listens on " in greeting, f"{self.module} did not start: {greeting}{self.log}"
        self.address = greeting.partition(" listens on ")[2].split()[0]
        self.url = greeting.partition(" and ")[2].strip()
        return self

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is left over when a test fails."""
        self.kill()

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code."""
        try:
            return self.process.wait(STOPPING_SECONDS_MAX)
        finally:
            self.kill()

    def stop(self) -> None:
        """Asks it to stop, as an operator does, and checks that it ends well."""
        self.signal(signal.SIGTERM)
        assert self.wait() == 0, self.log

    def kill(self) -> None:
        """Leaves it no time for anything."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def children(self) -> list[int]:
        """The ids of the processes that it has started and that live."""
        return children_of(self.process.pid)


def a_lasting_address() -> str:
    """That a program finds free, and finds free again: below the ports that are given to whoever asks for any."""
    while True:
        address = ("127.0.0.1", random.SystemRandom().randrange(20_000, 32_000))
        with suppress(OSError), socket.create_server(address):
            return f"{address[0]}:{address[1]}"


# A fixture that starts a program and sees that it is gone when the test ends.
Start = Callable[..., Program]


def _name(module: str) -> str:
    return module.rpartition(".")[2]


def children_of(pid: int) -> list[int]:
    return [child for child, parent in _parents().items() if parent == pid]


def is_running(pid: int) -> bool:
    return pid in _parents()


def wait_until_gone(pids: list[int], seconds: float) -> list[int]:
    """Those of the processes that still run after that time."""
    ends_at = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_running(pid)]) and time.monotonic() < ends_at:
        time.sleep(0.02)
    return left


def _parents() -> dict[int, int]:
    """Every process that runs, zombies left out, and its parent's id."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name may hold anything, even brackets.
            state, parent, *_ = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            parents[int(status.parent.name)] = int(parent)
    return parents
