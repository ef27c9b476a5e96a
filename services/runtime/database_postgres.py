"""A PostgreSQL database that several processes share: lanes that each run one effect in one transaction.

Knows transactions and no table. What two processes do to one row at one moment is for the effect to order, by a lock;
what it cannot order, a unique constraint refuses, and the effect runs again and sees what the other did.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from services.runtime.log import log
from services.runtime.metrics import OfDatabase
from services.runtime.migrations import Tables
from services.runtime.refusals import ServiceUnavailable
from services.runtime.settings import BadSetting

T = TypeVar("T")

LANES = 8
READERS = 4
# More than this would wait longer than its callers do.
WAITING_MAX = 1000
ATTEMPTS_MAX = 8
TRYING_SECONDS = 5
LOCK_SECONDS = 5
# How long a start waits for a server that is not there yet.
REACHING_SECONDS = 10
STATEMENT_SECONDS = 15

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection lost, server going or read-only after a
# change of the primary, too many connections.
_LOST = ("08", "57P", "25006", "53300")
# No disk space, no memory, a disk that fails.
_EXHAUSTED = ("53", "58030")
# Somebody else was first: a unique value, a row, a deadlock.
_SECOND = ("23505", "40001", "40P01")
# Waited too long for a lock or an answer.
_SLOW = ("55P03", "57014")


class PostgresDatabase:
    def __init__(self, url: str, service: str, revisions: Path) -> None:
        self._schema = schema_of(service)
        self._metrics = OfDatabase(service)
        self._revisions = revisions
        self._url = url
        self._engine = _engine(url, service)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lanes = ThreadPoolExecutor(LANES, thread_name_prefix=f"{service}-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix=f"{service}-read")
        self._waiting = 0

    async def open(self) -> None:
        try:
            await asyncio.to_thread(self._migrate)
        except BaseException:
            await self.close()
            raise

    async def write(self, effect: Callable[[Connection], T]) -> T:
        return await self._metrics.written(self._run(self._lanes, self._write, effect))

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._run(self._readers, self._read, query)

    async def look_up(self, query: Callable[[Connection], T]) -> T:
        return await self.read(query)

    async def close(self) -> None:
        await asyncio.to_thread(self._lanes.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                # Waits for as long as another process needs; after that no statement may keep others waiting for long.
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:number)"), {"number": crc32(self._schema.encode())}
                )
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                if self._is_missing_schema(connection):
                    connection.execute(text(f"CREATE SCHEMA {self._schema}"))
                yield connection
                connection.commit()
        except DBAPIError as error:
            raise self._bad_setting(error) from None

    def _migrate(self) -> None:
        """Asks first without a lock: where nothing is missing, a role that may change no table can start."""
        if not self._is_up_to_date():
            with self.migrating() as connection:
                Tables(connection, self._revisions).up()

    def _is_up_to_date(self) -> bool:
        """Waits for a server that starts at the same time, as after a power cut."""
        give_up_at = time.monotonic() + REACHING_SECONDS
        while True:
            try:
                with self._engine.connect() as connection:
                    return all(each.is_applied for each in Tables(connection, self._revisions).revisions())
            except DBAPIError as error:
                if not _is(error, _LOST) or time.monotonic() > give_up_at:
                    raise self._bad_setting(error) from None
            log.warning("database not reached yet", service=self._schema)
            time.sleep(0.2)

    def _is_missing_schema(self, connection: Connection) -> bool:
        return connection.execute(text("SELECT to_regnamespace(:schema)"), {"schema": self._schema}).scalar() is None

    def _bad_setting(self, error: DBAPIError) -> BadSetting:
        if _is(error, ("42501",)):
            return BadSetting(
                "COUNTERFOIL_DATABASE_URL: tables have to be made or changed, and this role may not; run "
                "`counterfoil migrate up` with one that may"
            )
        # libpq's first line names host, database and role, never the password.
        reason = str(error.orig).strip().splitlines()[0]
        return BadSetting(f"COUNTERFOIL_DATABASE_URL: the database cannot be used: {reason}")

    async def _run(self, pool: ThreadPoolExecutor, run: Callable[[Any], T], what: Callable[[Connection], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise ServiceUnavailable
        self._waiting += 1
        try:
            # One that is cancelled before its turn never runs.
            return await asyncio.get_running_loop().run_in_executor(pool, run, what)
        finally:
            self._waiting -= 1

    def _write(self, effect: Callable[[Connection], T]) -> T:
        return _again_where_it_helps(lambda: self._transact(effect))

    def _transact(self, effect: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            result = effect(connection)
            try:
                connection.commit()
            except DBAPIError as error:
                if _is(error, _SECOND):
                    raise
                # It may have taken effect, so only the caller, who knows the request's id, may try again.
                raise ServiceUnavailable from None
            return result

    def _read(self, query: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self._reading.connect() as connection:
                return query(connection)

        return _again_where_it_helps(read)


def schema_of(service: str) -> str:
    return f"counterfoil_{service}"


def parameters_of(url: str, service: str) -> dict[str, Any]:
    """libpq's parameters: those of the URL, and ours where it has none. Raises BadSetting."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        # libpq quotes the URL, and with it the password.
        raise BadSetting("COUNTERFOIL_DATABASE_URL: give postgresql://user:password@host/database") from None
    options = {
        "search_path": schema_of(service),
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    }
    ours = " ".join(f"-c {name}={value}" for name, value in options.items())
    return {
        "application_name": f"counterfoil {service}",
        "connect_timeout": 5,
        # A host that vanished is noticed in ten seconds rather than in fifteen minutes.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 10_000,
        **given,
        "options": f"{ours} {given.get('options', '')}".strip(),
    }


def _again_where_it_helps(attempt: Callable[[], T]) -> T:
    give_up_at = time.monotonic() + TRYING_SECONDS
    for number in range(ATTEMPTS_MAX):
        try:
            return attempt()
        except DBAPIError as error:
            lost = error.connection_invalidated or _is(error, _LOST)
            last = number + 1 == ATTEMPTS_MAX or time.monotonic() > give_up_at
            if last or not (lost or _is(error, _SECOND)):
                raise _as_refusal(error) from None
            log.debug("transaction runs again", sqlstate=_sqlstate(error))
            # A server that comes back takes longer than a rival, whom one should not meet again.
            time.sleep((0.02 if lost else 0.001) * 2**number * random.uniform(0.5, 1))  # noqa: S311
    raise AssertionError("the last attempt returns or raises")


def _as_refusal(error: DBAPIError) -> Exception:
    """Of what the database did not do in time another try may succeed; anything else is a fault."""
    if _is(error, ("53100",)):
        return ServiceUnavailable("the disk of the database is full")
    if error.connection_invalidated or _is(error, (*_LOST, *_SLOW, *_EXHAUSTED, "40001", "40P01")):
        return ServiceUnavailable()
    # What follows the first line quotes the row.
    error.args = (str(error.orig).partition("\n")[0],)
    return error


def _is(error: DBAPIError, sqlstates: tuple[str, ...]) -> bool:
    return _sqlstate(error).startswith(sqlstates)


def _sqlstate(error: DBAPIError) -> str:
    # Without one, the server was not reached.
    default = "08000" if isinstance(error.orig, psycopg.OperationalError) else ""
    return getattr(error.orig, "sqlstate", None) or default


def _engine(url: str, service: str) -> Engine:
    parameters = parameters_of(url, service)
    # Parameters of statements are personal texts and stay out of errors.
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(**parameters),
        hide_parameters=True,
        pool_size=LANES + READERS,
        max_overflow=0,
    )
