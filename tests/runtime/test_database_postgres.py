"""What can happen between a process and a PostgreSQL server, and what then becomes of an effect."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, text

from services.runtime import database_postgres
from services.runtime.database_postgres import PostgresDatabase
from services.runtime.refusals import ServiceUnavailable
from services.runtime.settings import BadSetting, Settings
from services.sessions import wiring
from tests.postgres import Postgres
from tests.runtime.notes import add, count


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    return postgres_server.fresh()


@pytest.fixture
async def database(url: str, revisions: Path) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(url, "test", revisions)
    await database.open()
    yield database
    await database.close()


def drop_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_connection_that_was_lost_is_made_again(database: PostgresDatabase, url: str) -> None:
    await asyncio.gather(*(database.write(add(number)) for number in range(20)))
    drop_connections(url)

    assert await asyncio.gather(*(database.write(add(number)) for number in range(20, 40))) == [1] * 20
    drop_connections(url)
    assert await database.read(count) == 40


async def test_an_effect_whose_connection_is_lost_midway_runs_again(database: PostgresDatabase, url: str) -> None:
    tries = []

    def interrupted(connection: Connection) -> int:
        tries.append(add(1)(connection))
        if len(tries) == 1:
            drop_connections(url)
        return add(2)(connection)

    assert await database.write(interrupted) == 1
    assert tries == [1, 1]
    assert await database.read(count) == 2


async def test_pitfall_3_a_connection_lost_while_committing_is_not_tried_again(
    database: PostgresDatabase, url: str
) -> None:
    """Nobody knows whether it took effect; who asks again with the same request id learns it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = counterfoil_test")
        connection.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql"
            " AS $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION die()"
        )
    tries = []

    def counted(connection: Connection) -> None:
        tries.append(add(1)(connection))

    with pytest.raises(ServiceUnavailable):
        await database.write(counted)
    assert tries == [1]


async def test_who_was_second_runs_again_and_sees_what_the_first_did(database: PostgresDatabase) -> None:
    both_have_looked = threading.Barrier(2)
    looks: list[int] = []

    def take_the_next(connection: Connection) -> int:
        number = count(connection)
        looks.append(number)
        if number == 0:
            both_have_looked.wait(5)
        add(number)(connection)
        return number

    assert sorted(await asyncio.gather(*(database.write(take_the_next) for _ in range(2)))) == [0, 1]
    assert sorted(looks) == [0, 0, 1]


async def test_who_waits_too_long_for_a_lock_is_told_to_come_again(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, release = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        connection.execute(text("LOCK TABLE note"))
        locked.set()
        release.wait(60)

    def hurried(connection: Connection) -> int:
        connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        return add(1)(connection)

    holding = asyncio.ensure_future(database.write(hold))
    await asyncio.to_thread(locked.wait, 5)
    with pytest.raises(ServiceUnavailable):
        await database.write(hurried)
    release.set()
    await holding


async def test_a_full_disk_is_told_to_the_caller(database: PostgresDatabase) -> None:
    """https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full"""

    def refused(connection: Connection) -> None:
        connection.execute(text("DO $$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END$$"))

    with pytest.raises(ServiceUnavailable, match=r"disk of the database is full; retry"):
        await database.write(refused)
    assert await database.write(add(1)) == 1


async def test_more_than_can_wait_are_turned_away_at_once(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_postgres, "WAITING_MAX", 10)
    outcomes = await asyncio.gather(*(database.write(add(number)) for number in range(30)), return_exceptions=True)

    assert sum(each == 1 for each in outcomes) == 10
    assert sum(isinstance(each, ServiceUnavailable) for each in outcomes) == 20
    assert await database.read(count) == 10


async def test_what_nobody_waits_for_any_more_does_not_run(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    holding = [
        asyncio.ensure_future(database.write(lambda connection: release.wait(60)))
        for _ in range(database_postgres.LANES)
    ]
    await asyncio.sleep(0.05)
    gone = asyncio.ensure_future(database.write(add(1)))
    await asyncio.sleep(0.05)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await asyncio.sleep(0.05)
    release.set()
    await asyncio.gather(*holding)

    assert await database.read(count) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://ana:swordfish@127.0.0.1:1/nowhere",
        "postgresql:///nowhere?host=/nowhere&password=swordfish",
        "postgresql://ana:swordfish@[half/x",
        "postgresql://ana:swordfish@127.0.0.1/x?no_such_option=1",
    ],
)
async def test_a_server_that_cannot_be_reached_stops_the_start_in_one_line(
    wrong: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_postgres, "REACHING_SECONDS", 0.5)
    with pytest.raises(BadSetting, match="COUNTERFOIL_DATABASE_URL: ") as raised:
        await wiring.build(settings.model_copy(update={"database_url": SecretStr(wrong)}), None)

    assert "\n" not in str(raised.value)
    assert "swordfish" not in str(raised.value)


async def test_a_role_that_may_change_no_table_starts_on_finished_ones_and_otherwise_says_what_to_do(
    url: str, revisions: Path
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS clerk")
        connection.execute("CREATE ROLE clerk LOGIN")
    as_clerk = PostgresDatabase(url.replace("//postgres@", "//clerk@"), "test", revisions)
    with pytest.raises(BadSetting, match="counterfoil migrate up"):
        await as_clerk.open()

    owner = PostgresDatabase(url, "test", revisions)
    await owner.open()
    await owner.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT USAGE ON SCHEMA counterfoil_test TO clerk")
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA counterfoil_test TO clerk")
    as_clerk = PostgresDatabase(url.replace("//postgres@", "//clerk@"), "test", revisions)
    await as_clerk.open()
    assert await as_clerk.write(add(1)) == 1
    await as_clerk.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY clerk")


async def test_what_the_url_says_wins_over_our_own(url: str, revisions: Path) -> None:
    database = PostgresDatabase(f"{url}&options=-c%20statement_timeout%3D7s&application_name=x", "test", revisions)
    await database.open()

    def shown(connection: Connection) -> list[str]:
        names = ("statement_timeout", "application_name", "timezone", "search_path")
        return [str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in names]

    assert await database.read(shown) == ["7s", "x", "UTC", "counterfoil_test"]
    await database.close()
