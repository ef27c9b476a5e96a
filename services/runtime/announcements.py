"""Short texts that a process tells all others on its database, by LISTEN and NOTIFY. Some may be lost.

They go out after the commit that they speak of, many at once, on a connection of their own. Within that transaction
they would make every commit of the database wait for the one before it: PostgreSQL orders notifications by a lock
that a transaction with any of them holds until it is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from services.runtime.log import log
from services.runtime.settings import Settings

if TYPE_CHECKING:
    import psycopg

# Texts that come together go together.
GATHERING_SECONDS = 0.005
RECONNECTING_SECONDS = 1.0
UNTOLD_MAX = 10_000


class Announcements(Protocol):
    def tell(self, text: str) -> None: ...

    def listen(self, heard: Callable[[str], None]) -> None:
        """Calls back for every text that any process tells, this one included."""
        ...

    async def close(self) -> None: ...


def announcements_of(settings: Settings, service: str) -> Announcements:
    if settings.database_url is None:
        return Silence()
    from services.runtime.database_postgres import parameters_of

    return PostgresAnnouncements(parameters_of(settings.database_url.get_secret_value(), service), service)


class Silence:
    """SQLite knows no way to tell; who wants news looks for them."""

    def tell(self, text: str) -> None:
        pass

    def listen(self, heard: Callable[[str], None]) -> None:
        pass

    async def close(self) -> None:
        pass


class PostgresAnnouncements:
    def __init__(self, parameters: dict[str, Any], service: str) -> None:
        # They say what was committed, and a lost one is no loss.
        self._parameters = parameters | {"options": f"{parameters['options']} -c synchronous_commit=off"}
        self._channel = f"counterfoil_{service}"
        self._untold: list[str] = []
        self._is_untold = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def tell(self, text: str) -> None:
        if len(self._untold) < UNTOLD_MAX:
            self._untold.append(text)
            self._is_untold.set()

    def listen(self, heard: Callable[[str], None]) -> None:
        async def listening(connection: psycopg.AsyncConnection) -> None:
            await connection.execute(f"LISTEN {self._channel}".encode())
            async for told in connection.notifies():
                heard(told.payload)

        self._tasks = [asyncio.create_task(self._with_connection(each)) for each in (listening, self._telling)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _telling(self, connection: psycopg.AsyncConnection) -> None:
        while await self._is_untold.wait():
            await asyncio.sleep(GATHERING_SECONDS)
            self._is_untold.clear()
            told, self._untold = self._untold, []
            await connection.execute(
                "SELECT pg_notify(%s, told) FROM unnest(%s::text[]) AS told", (self._channel, told)
            )

    async def _with_connection(self, work: Callable[[psycopg.AsyncConnection], Awaitable[None]]) -> None:
        import psycopg

        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self._parameters, autocommit=True) as connection:
                    await work(connection)
            except psycopg.errors.FeatureNotSupported:
                log.warning("the database has no LISTEN and NOTIFY; watchers hear of other processes by looking")
                return
            except psycopg.Error as error:
                log.warning("announcements interrupted", error=type(error).__name__)
            await asyncio.sleep(RECONNECTING_SECONDS)
