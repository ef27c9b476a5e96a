"""The product as it is run, in two shapes: four processes on PostgreSQL, and one process on SQLite."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

from services.runtime.channels import SERVICES
from tests.chaos.books import Books, postgres_books, sqlite_books
from tests.chaos.links import Link
from tests.chaos.preload import Control, Missing, Preload
from tests.chaos.small_disk import SmallDisk
from tests.chaos.supervised import Supervised, SupervisedPostgres, SupervisedProgram
from tests.chaos.waiting import until
from tests.postgres import Cluster, Postgres
from tests.processes import Program, a_lasting_address

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
OPERATOR_TOKEN = "a token for the operator of this test"
DEADLINE_SECONDS = 2.0
STARTING_SECONDS = 60
DATABASE = "counterfoil"
DISK_BYTES = {"postgresql": 192 << 20, "sqlite": 64 << 20}
# Small files, so that the disk is full for the log of transactions too.
POSTGRES = {"listen_addresses": "", "min_wal_size": "8MB", "max_wal_size": "16MB", "log_min_messages": "fatal"}


@dataclass
class Deployment:
    """What runs, what is between its parts, and what they believe of the clock and the disk."""

    shape: ClassVar[str]

    directory: Path
    # The entry point of the gateway; another one for a product that is broken on purpose.
    gateway: str = "gateway"
    programs: dict[str, Supervised] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    controls: dict[str, Control] = field(default_factory=dict)
    # Faults that cannot be had here, and why.
    missing: dict[str, str] = field(default_factory=dict)
    disk: SmallDisk | None = None
    address: str = ""
    # The same gateway, without what may be wrong on the way to it.
    inner_address: str = ""
    books: Books = field(init=False)

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        # The gateway first, so that nobody calls what is no longer there.
        for each in reversed(self.programs.values()):
            await each.end()
        for link in self.links:
            link.close()

    def remove(self) -> None:
        """With the logs, if they are on it, the disk."""
        if self.disk:
            self.disk.remove()

    def log_files(self) -> list[Path]:
        return [each.log_file for each in self.programs.values() if isinstance(each, SupervisedProgram)]

    def _prepare(self, disk_bytes: int) -> Path:
        """Where the data is to be: on a disk of its own where that can be had."""
        try:
            self._preload: Preload | None = Preload(self.directory)
        except Missing as reason:
            self._preload = None
            self.missing["slow disk and wrong clocks"] = str(reason)
        try:
            self.disk = SmallDisk(self.directory / "disk", disk_bytes)
        except Missing as reason:
            self.missing["full disk"] = str(reason)
        return self.directory / "disk"

    def _variables(self, name: str) -> dict[str, str]:
        if self._preload is None:
            return {}
        self.controls[name] = Control(self.directory / f"{name}.control")
        return self._preload.environment(self.controls[name])

    def _supervise(self, module: str, directory: Path, **settings: str) -> str:
        """Runs one of our programs and returns where it listens."""
        name = module.rpartition(".")[2]
        address, variables = a_lasting_address(), self._variables(name)
        given = {
            f"{name}_listen": address,
            "log_format": "json",
            "deadline_seconds_max": str(DEADLINE_SECONDS),
            "grace_seconds": "1",
            "key_encryption_key": KEY,
            "payee_token_key": KEY,
            "operator_token": OPERATOR_TOKEN,
        }
        launch = partial(Program.launch_with, variables, module, directory, **given, **settings)
        self._begin(SupervisedProgram(module, launch))
        return address

    def _begin(self, program: Supervised) -> None:
        self.programs[program.name] = program
        program.begin()

    async def _link(self, name: str, address: str) -> str:
        """Puts a link in front of an address, and returns the link's."""
        host, _, port = address.rpartition(":")
        return f"127.0.0.1:{await self._listen(Link(name, lambda: asyncio.open_connection(host, int(port))))}"

    async def _listen(self, link: Link) -> int:
        self.links.append(link)
        return await link.listen()


class OnPostgres(Deployment):
    """Every service a process, with links between all of them and to the database."""

    shape = "four processes on PostgreSQL"

    async def start(self) -> None:
        disk = self._prepare(DISK_BYTES["postgresql"])
        disk.mkdir(exist_ok=True)
        shutil.chown(disk, "nobody") if os.geteuid() == 0 else None
        cluster = Cluster(disk, **POSTGRES)
        await asyncio.to_thread(cluster.initialise, "--wal-segsize=1")
        self._begin(SupervisedPostgres(cluster, {**os.environ, **self._variables("postgresql")}))
        server = Postgres(disk)
        await until(server.is_ready, STARTING_SECONDS)
        await asyncio.to_thread(server.execute, f"CREATE DATABASE {DATABASE}")
        addresses = {}
        for name in SERVICES:
            settings = {} if name == "codec" else {"database_url": await self._database_url(name, disk)}
            address = self._supervise(f"services.{name}", disk / name, **settings)
            addresses[f"{name}_address"] = await self._link(f"gateway-{name}", address)
        self.inner_address = self._supervise(self.gateway, disk / "gateway", **addresses)
        self.address = await self._link("client-gateway", self.inner_address)
        self.books = postgres_books(server.url(DATABASE))

    async def _database_url(self, name: str, disk: Path) -> str:
        server = str(disk / ".s.PGSQL.5432")
        port = await self._listen(Link(f"{name}-postgresql", lambda: asyncio.open_unix_connection(server)))
        return f"postgresql://postgres@127.0.0.1:{port}/{DATABASE}"


class OnSqlite(Deployment):
    """`make run`: one process, and files."""

    shape = "one process on SQLite"

    async def start(self) -> None:
        disk = self._prepare(DISK_BYTES["sqlite"])
        self.inner_address = self._supervise(self.gateway, disk / "gateway")
        self.address = await self._link("client-gateway", self.inner_address)
        self.books = sqlite_books(disk / "gateway" / "var")


SHAPES: tuple[Callable[..., Deployment], ...] = (OnPostgres, OnSqlite)
