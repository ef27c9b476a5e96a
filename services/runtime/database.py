"""What a service asks of its database, and which one it has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from services.runtime.settings import BadSetting, Settings

T = TypeVar("T")


class Database(Protocol):
    async def open(self) -> None:
        """Brings the tables to the newest revision and starts to work. Raises BadSetting where that cannot be."""
        ...

    async def write(self, effect: Callable[[Connection], T]) -> T:
        """Runs an effect in a transaction; it is on disk when this returns. What it raises rolls it back.

        The effect may run again, when another was first, and then sees what that one did.
        """
        ...

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query of one statement, which sees everything written before the call."""
        ...

    async def look_up(self, query: Callable[[Connection], T]) -> T:
        """The same for a query that finds one row by its key. On SQLite no thread is asked, which takes far longer."""
        ...

    async def close(self) -> None:
        """Finishes what waits."""
        ...

    def migrating(self) -> AbstractContextManager[Connection]:
        """A transaction for changing tables, one at a time of all processes. Not for one that is open."""
        ...


def revisions_of(service: str) -> Path:
    return Path(__file__).parents[1] / service / "revisions"


def database_of(settings: Settings, service: str) -> Database:
    """The service's schema on PostgreSQL where there is a URL, otherwise a SQLite file of its own."""
    if settings.database_url is None:
        from services.runtime.database_sqlite import SqliteDatabase

        return SqliteDatabase(settings.data_dir / f"{service}.db", revisions_of(service))
    try:
        from services.runtime.database_postgres import PostgresDatabase
    except ImportError:
        raise BadSetting("COUNTERFOIL_DATABASE_URL: needs the driver: pip install 'counterfoil[postgres]'") from None
    return PostgresDatabase(settings.database_url.get_secret_value(), service, revisions_of(service))
