"""Many effects, one commit; a refused one harms no neighbour, and what was told to a caller is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from services.runtime.database import Database
from services.runtime.database_sqlite import SqliteDatabase
from services.runtime.refusals import ServiceUnavailable
from services.runtime.settings import BadSetting
from tests.runtime.notes import add, count


@pytest.fixture
async def sqlite(tmp_path: Path, revisions: Path) -> AsyncIterator[Database]:
    database = SqliteDatabase(tmp_path / "var" / "test.db", revisions)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def database(make: Callable[[], Database]) -> AsyncIterator[Database]:
    database = make()
    await database.open()
    yield database
    await database.close()


async def test_processes_that_start_together_on_a_new_file_all_start(tmp_path: Path, revisions: Path) -> None:
    for number in range(20):
        databases = [SqliteDatabase(tmp_path / f"{number}.db", revisions) for _ in range(4)]
        await asyncio.gather(*(each.open() for each in databases))
        await asyncio.gather(*(each.close() for each in databases))


async def test_effects_that_wait_together_all_take_place(database: Database) -> None:
    assert await asyncio.gather(*(database.write(add(number)) for number in range(1000))) == [1] * 1000
    assert await database.read(count) == 1000


async def test_what_was_written_is_looked_up_at_once_and_what_is_not_on_disk_yet_is_not(database: Database) -> None:
    await database.write(add(1))
    seen: list[int] = []

    def look_while_writing(connection: Connection) -> None:
        add(2)(connection)
        if isinstance(database, SqliteDatabase):
            seen.append(count(database._finder))

    assert await database.look_up(count) == 1
    await database.write(look_while_writing)
    assert seen == ([1] if isinstance(database, SqliteDatabase) else [])
    assert await database.look_up(count) == 2


async def test_a_refused_effect_leaves_nothing_and_harms_no_neighbour(database: Database) -> None:
    def refused(connection: Connection) -> None:
        add(-1)(connection)
        raise ValueError("no")

    outcomes = await asyncio.gather(
        database.write(add(1)), database.write(refused), database.write(add(2)), return_exceptions=True
    )

    assert isinstance(outcomes[1], ValueError)
    assert await database.read(count) == 2


async def test_a_constraint_is_an_error_of_its_own_effect(database: Database) -> None:
    outcomes = await asyncio.gather(*(database.write(add(7)) for _ in range(3)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["IntegrityError", "IntegrityError", "int"]


async def test_an_error_never_quotes_what_was_written(database: Database) -> None:
    outcomes = await asyncio.gather(*(database.write(add(7331)) for _ in range(2)), return_exceptions=True)

    assert "7331" not in str(next(each for each in outcomes if isinstance(each, Exception)))


async def test_what_was_told_to_the_caller_is_on_disk(sqlite: Database, tmp_path: Path) -> None:
    await sqlite.write(add(1))

    with sqlite3.connect(tmp_path / "var" / "test.db") as other:
        assert other.execute("SELECT count(*) FROM note").fetchone() == (1,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert await sqlite.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one()) == 2


async def test_nobody_else_on_the_machine_reads_what_is_kept(tmp_path: Path, revisions: Path) -> None:
    """Also where the directory was there before, and is open to all."""
    tmp_path.chmod(0o755)
    database = SqliteDatabase(tmp_path / "open.db", revisions)
    await database.open()
    await database.write(add(1))

    files = list(tmp_path.glob("open.db*"))

    assert len(files) == 3
    assert all(each.stat().st_mode & 0o077 == 0 for each in files)
    await database.close()


async def test_a_caller_who_went_away_does_not_stop_the_writer(database: Database) -> None:
    gone = asyncio.ensure_future(database.write(add(1)))
    await asyncio.sleep(0)
    gone.cancel()

    assert await database.write(add(2)) == 1


async def test_closing_finishes_what_waits(make: Callable[[], Database]) -> None:
    database = make()
    await database.open()
    writes = [asyncio.ensure_future(database.write(add(number))) for number in range(500)]
    await asyncio.sleep(0)
    await database.close()

    assert await asyncio.gather(*writes) == [1] * 500


@pytest.mark.parametrize("content", [b"no database", b"\0" * 100])
async def test_a_file_that_is_no_database_stops_the_start_in_one_line(
    tmp_path: Path, revisions: Path, content: bytes
) -> None:
    (tmp_path / "bad.db").write_bytes(content)

    with pytest.raises(BadSetting, match=r"bad\.db cannot be used"):
        await SqliteDatabase(tmp_path / "bad.db", revisions).open()


async def test_a_directory_that_cannot_be_made_stops_the_start_in_one_line(revisions: Path) -> None:
    with pytest.raises(BadSetting, match="COUNTERFOIL_DATA_DIR"):
        await SqliteDatabase(Path("/dev/null/x/test.db"), revisions).open()


async def test_processes_that_start_at_once_migrate_once(make: Callable[[], Database]) -> None:
    databases = [make() for _ in range(4)]
    await asyncio.gather(*(each.open() for each in databases))

    assert [await each.read(count) for each in databases] == [0] * 4
    for each in databases:
        await each.close()


async def test_a_disk_that_refuses_is_told_to_every_caller(sqlite: Database) -> None:
    await sqlite.write(lambda connection: connection.execute(text("PRAGMA max_page_count=10")).scalar_one())

    def too_much(connection: Connection) -> None:
        connection.execute(text("INSERT INTO note VALUES (NULL, hex(zeroblob(100000)))"))

    with pytest.raises(ServiceUnavailable, match=r"disk of a service is full; retry"):
        await sqlite.write(too_much)
    assert await sqlite.write(add(1)) == 1
