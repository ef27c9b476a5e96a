"""One database, as several processes see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.runtime.database_postgres import PostgresDatabase
from services.runtime.database_sqlite import SqliteDatabase
from tests.runtime.notes import START, write_revisions

Make = Callable[[], Database]


@pytest.fixture
def revisions(tmp_path: Path) -> Path:
    return write_revisions(tmp_path / "revisions", START)


@pytest.fixture(params=["sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path, revisions: Path) -> Callable[[], Database]:
    """Every database that it makes is the same one."""
    if request.param == "sqlite":
        return lambda: SqliteDatabase(tmp_path / "test.db", revisions)
    url = request.getfixturevalue("postgres_server").fresh()
    return lambda: PostgresDatabase(url, "test", revisions)
