"""A SQLite database: many waiting effects, one commit; and a few readers beside it.

Knows transactions and no table. Effects run on the event loop, one after another. One that is refused harms no
neighbour: where it has changed something before, all run again, each in a savepoint of its own. Only what waits for the
disk or for another process is done in a thread: while it syncs, the loop prepares the next effects, and no thread
fights another for the interpreter. An effect is durable (`synchronous=FULL`) before its caller is told.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from services.runtime.directories import make_directory
from services.runtime.idle import until_idle
from services.runtime.log import log
from services.runtime.metrics import OfDatabase
from services.runtime.migrations import Tables
from services.runtime.refusals import ServiceUnavailable
from services.runtime.settings import BadSetting

T = TypeVar("T")
_Effect = Callable[[Connection], Any]
_Waiting = tuple[_Effect, "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


# Some milliseconds of effects, for which the loop does nothing else.
BATCH_MAX = 64
JOINING_SECONDS_MAX = 0.04
READERS = 4
CHECKPOINT_SECONDS = 1.0
BUSY_SECONDS = 10

_OF_THE_DISK = {
    sqlite3.SQLITE_FULL: "the disk of a service is full",
    sqlite3.SQLITE_IOERR: "a service cannot use its disk",
    sqlite3.SQLITE_CANTOPEN: "a service cannot use its disk",
    sqlite3.SQLITE_BUSY: "the database of a service is locked",
}


class SqliteDatabase:
    """Used from one event loop, that which opens it."""

    def __init__(self, path: Path, revisions: Path) -> None:
        self._path = path
        self._revisions = revisions
        self._engine = _engine(path)
        self._metrics = OfDatabase(path.stem)
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._written = threading.Event()
        self._closing = threading.Event()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix=f"{path.stem}-read")
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix=f"{path.stem}-sync")
        self._checkpoints = threading.Thread(target=self._checkpoint_until_closed, name=f"{path.stem}-checkpoint")

    async def open(self) -> None:
        try:
            await asyncio.to_thread(self._migrate)
            self._writer = self._engine.connect()
            self._driver = _driver(self._writer)
            self._finder = self._engine.connect()
            for driver in (self._driver, _driver(self._finder)):
                _wait_for_lock(driver, seconds=0)
        except BaseException:
            self._readers.shutdown()
            self._syncing.shutdown()
            self._engine.dispose()
            raise
        self._checkpoints.start()

    async def write(self, effect: Callable[[Connection], T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((effect, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_what_waits())
        try:
            return await self._metrics.written(future)
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise _as_refusal(error) from None

    async def read(self, query: Callable[[Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise _as_refusal(error) from None

    async def look_up(self, query: Callable[[Connection], T]) -> T:
        try:
            return query(self._finder)
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise _as_refusal(error) from None

    async def close(self) -> None:
        """Finishes what waits, then moves the log into the database file."""
        while self._writing:
            await self._writing
        self._closing.set()
        self._written.set()
        await asyncio.to_thread(self._checkpoints.join)
        self._syncing.shutdown()
        self._readers.shutdown()
        self._finder.close()
        self._writer.close()
        self._engine.dispose()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        try:
            make_directory(self._path.parent)
            # Personal texts, in whatever directory: SQLite gives its log the same mode.
            self._path.touch(mode=0o600)
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.exec_driver_sql("COMMIT")
        except (OSError, DatabaseError):
            raise BadSetting(f"COUNTERFOIL_DATA_DIR: {self._path} cannot be used as a database") from None

    def _migrate(self) -> None:
        with self.migrating() as connection:
            Tables(connection, self._revisions).up()

    def _read(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                return query(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    async def _write_what_waits(self) -> None:
        try:
            while self._waiting:
                await until_idle(JOINING_SECONDS_MAX)
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MAX))]
                self._metrics.batch.observe(len(batch))
                _settle(await self._commit(batch))
                self._written.set()
        finally:
            self._writing = None

    async def _commit(self, batch: list[_Waiting]) -> list[_Outcome]:
        in_thread = asyncio.get_running_loop().run_in_executor
        try:
            if not _begins(self._driver):
                await in_thread(self._syncing, _begin_in_turn, self._driver)
            outcomes = self._run(batch)
            await in_thread(self._syncing, self._driver.execute, "COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever keeps the batch from being durable, every caller must hear it
            with suppress(sqlite3.Error):  # What cannot be rolled back either is not there when the next batch begins.
                self._driver.execute("ROLLBACK")
            return [(future, None, error) for _, future in batch]
        return outcomes

    def _run(self, batch: list[_Waiting]) -> list[_Outcome]:
        # A savepoint for each takes as long as a statement or two; hardly any is ever rolled back to.
        self._driver.execute("SAVEPOINT batch")
        try:
            return [(future, *_run(self._writer, self._driver, effect)) for effect, future in batch]
        except _HalfDone:
            self._driver.execute("ROLLBACK TO batch")
            return [(future, *_run_apart(self._writer, self._driver, effect)) for effect, future in batch]

    def _checkpoint_until_closed(self) -> None:
        """Moves the log into the database off the writer's path; a writer that does it itself makes clients wait."""
        with self._engine.connect() as connection:
            while not self._closing.wait(CHECKPOINT_SECONDS):
                self._written.wait()
                self._written.clear()
                try:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()
                except DatabaseError as error:
                    log.error("log not moved into the database, which is tried again", reason=str(error.orig))


def _begins(driver: sqlite3.Connection) -> bool:
    """Begins to write unless another process does so now."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _begin_in_turn(driver: sqlite3.Connection) -> None:
    _wait_for_lock(driver, BUSY_SECONDS)
    try:
        driver.execute("BEGIN IMMEDIATE")
    finally:
        _wait_for_lock(driver, 0)


def _wait_for_lock(driver: sqlite3.Connection, seconds: int) -> None:
    driver.execute(f"PRAGMA busy_timeout={seconds * 1000}")


class _HalfDone(Exception):
    """An effect changed something and was then refused."""


def _run(connection: Connection, driver: sqlite3.Connection, effect: _Effect) -> tuple[Any, BaseException | None]:
    changes = driver.total_changes
    try:
        return effect(connection), None
    except Exception as error:
        if not driver.in_transaction:
            raise  # SQLite rolled everything back (disk full, I/O error): nothing of the batch is left.
        if driver.total_changes != changes:
            raise _HalfDone from error
        return None, error


def _run_apart(connection: Connection, driver: sqlite3.Connection, effect: _Effect) -> tuple[Any, BaseException | None]:
    driver.execute("SAVEPOINT effect")
    try:
        result, failure = _run(connection, driver, effect)
    except _HalfDone as half_done:
        driver.execute("ROLLBACK TO effect")
        result, failure = None, half_done.__cause__
    driver.execute("RELEASE effect")
    return result, failure


def _as_refusal(error: DatabaseError | sqlite3.DatabaseError) -> Exception:
    """Of what the disk did not do another try may succeed, when somebody has seen to it; anything else is a fault."""
    reason = error.orig if isinstance(error, DatabaseError) else error
    if not isinstance(reason, sqlite3.Error) or _code(reason) not in _OF_THE_DISK:
        return error
    log.error("database not usable", reason=str(reason))
    return ServiceUnavailable(_OF_THE_DISK[_code(reason)])


def _code(error: sqlite3.Error) -> int:
    """https://www.sqlite.org/rescode.html: the primary one, in the lower eight bits. 0 where the driver raised it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _settle(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # The caller went away.
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _driver(connection: Connection) -> sqlite3.Connection:
    """For the statements around every effect, a tenth of the price."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _use_log(connection: sqlite3.Connection) -> None:
    """Whoever is second to change the mode of a new file is told at once that it is locked, whatever the timeout."""
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)


def _engine(path: Path) -> Engine:
    # AUTOCOMMIT leaves every BEGIN and COMMIT to this module. Parameters are personal texts and stay out of errors.
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=READERS + 3,
        pool_reset_on_return=None,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        _wait_for_lock(connection, BUSY_SECONDS)
        _use_log(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA foreign_keys=ON")
        # What a savepoint would bring back, for which SQLite opens a file otherwise.
        connection.execute("PRAGMA temp_store=MEMORY")

    return engine
