"""`python -m tests.chaos.broken.gateway`: the product, broken on purpose in the way that CHAOS_MUTANT names."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from gateway.__main__ import serve
from services.runtime import database_sqlite
from services.sessions import domain
from services.sessions.store import SqlTransaction
from services.sessions.usecases import Sessions


def forgets_requests() -> None:
    """A call that is repeated takes effect again."""
    remember = SqlTransaction.remember
    remembered = SqlTransaction.remembered

    def remember_first(self: SqlTransaction, retry: Any, *args: Any) -> None:
        if remembered(self, retry.request_id) is None:
            remember(self, retry, *args)

    SqlTransaction.remember = remember_first  # type: ignore[assignment, method-assign]
    SqlTransaction.remembered = lambda *_: None  # type: ignore[method-assign]


def answers_before_it_commits() -> None:
    """Callers are told a moment before what they are told is on disk."""

    async def commit_late(self: Any, batch: Any) -> Any:
        self._driver.execute("BEGIN IMMEDIATE")
        outcomes = [(future, *database_sqlite._run(self._writer, self._driver, effect)) for effect, future in batch]
        database_sqlite._settle(outcomes)
        await asyncio.sleep(0.2)
        self._driver.execute("COMMIT")
        return outcomes

    database_sqlite.SqliteDatabase._commit = commit_late  # type: ignore[method-assign]


def counts_twice() -> None:
    paid: Any = domain.Session.paid
    domain.Session.paid = property(lambda self: paid.fget(self) + paid.fget(self))  # type: ignore[assignment, method-assign]


def skips_a_change() -> None:
    """Who resumes misses the next change."""
    watch = Sessions.watch
    Sessions.watch = lambda self, session_id, after: watch(self, session_id, after and after + 1)  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (forgets_requests, answers_before_it_commits, counts_twice, skips_a_change)
}

if __name__ == "__main__":
    MUTANTS[os.environ["CHAOS_MUTANT"]]()
    serve()
