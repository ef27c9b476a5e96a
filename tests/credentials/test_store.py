"""The tables, and what happens at the same moment."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from services.credentials.store import SqlStore
from services.credentials.tables import Base, IssuerKeyRow
from services.runtime.database import database_of, revisions_of
from tests.credentials.parties import (
    NOON,
    SERVICE,
    SESSION,
    a_claim,
    a_request,
    an_acknowledgement,
    digest_of,
    signed,
)


@pytest.fixture
async def database(database_settings):
    database = database_of(database_settings, "credentials")
    await database.open()
    yield database
    await database.close()


async def test_the_migrations_make_the_tables_that_are_declared(database):
    differences = await database.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection), Base.metadata)
    )

    assert differences == []


def test_the_tables_are_this_services_own():
    assert not SQLModel.metadata.tables.keys() & Base.metadata.tables.keys()


def test_migrations_can_be_taken_back():
    engine = sa.create_engine("sqlite://")
    revisions = [_revision(path) for path in sorted(revisions_of("credentials").glob("*.py"))]
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        described = []
        for revision in revisions:
            described.append(_described(connection))
            revision.upgrade()
        for revision in reversed(revisions):
            revision.downgrade()

            assert _described(connection) == described.pop()


def _revision(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("revision", path)
    assert spec
    assert spec.loader
    revision = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(revision)
    return revision


def _described(connection: sa.Connection) -> dict[str, Any]:
    """Every table with its columns and indexes, however its SQL is spelt."""
    found = sa.inspect(connection)
    return {
        table: (
            [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(table)],
            sorted((each["name"], each["unique"], _where(each)) for each in found.get_indexes(table)),
        )
        for table in found.get_table_names()
    }


def _where(index: Any) -> str:
    return str(index.get("dialect_options", {}).get("sqlite_where"))


async def test_a_second_current_key_is_refused_by_the_database(database):
    def two_current(connection: sa.Connection) -> None:
        for did in ("did:key:zOne", "did:key:zTwo"):
            key = {"did": did, "suite": "eddsa-jcs-2022", "wrapped": b"", "nonce": b"", "current": True}
            connection.execute(sa.insert(IssuerKeyRow).values(**key, created_at=NOON))

    with pytest.raises(IntegrityError):
        await database.write(two_current)


async def test_a_session_is_listed_with_an_index(database):
    statement = "SELECT * FROM credential WHERE session_id = 'x' AND message_id > '' ORDER BY message_id"

    def plan(connection: sa.Connection) -> str:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return str(connection.exec_driver_sql(f"{explain} {statement}").all())

    assert re.search(
        r"SEARCH credential USING INDEX credential_session \(session_id=\? AND message_id>\?\)"
        r"|Index Scan using credential_session on credential",
        await database.read(plan),
    )


async def test_the_first_credential_under_an_id_is_kept_and_returned(database):
    store = SqlStore(database)
    first, other = signed(a_request()), signed(a_request(description="something else"))

    assert await store.add(first, SERVICE.key) == first
    assert await store.add(other, SERVICE.key) == first
    assert await store.get(UUID(first.message_id)) == first


async def test_of_many_at_once_under_one_id_one_is_kept(database):
    store = SqlStore(database)
    rivals = [signed(a_request(description=f"number {number}")) for number in range(100)]

    kept = await asyncio.gather(*(store.add(rival, SERVICE.key) for rival in rivals))

    assert len(set(kept)) == 1
    assert len(await store.of_session(SESSION, None, 1000)) == 1


async def test_a_message_is_found_by_its_digest(database):
    store = SqlStore(database)
    request = a_request()
    claim = a_claim(request)
    for message in (request, claim, an_acknowledgement(claim)):
        await store.add(signed(message), SERVICE.key)

        assert await store.find(digest_of(message)) == message
    assert await store.find(bytes(32)) is None
