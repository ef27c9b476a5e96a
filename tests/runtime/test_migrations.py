"""Revisions go up and down, once, beside processes that know others."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime.database import Database
from services.runtime.migrations import CannotGoBack, Revision, Tables
from tests.runtime.conftest import Make
from tests.runtime.notes import NEXT, START, add, count, write_revisions


def applied(database: Database, revisions: Path) -> list[str]:
    with database.migrating() as connection:
        return [each.id for each in Tables(connection, revisions).revisions() if each.is_applied]


async def test_a_revision_goes_up_and_down(make: Make, revisions: Path) -> None:
    assert applied(make(), revisions) == []

    with make().migrating() as connection:
        Tables(connection, revisions).up()
    assert applied(make(), revisions) == ["t1"]
    write_revisions(revisions, START, NEXT)
    assert applied(make(), revisions) == ["t1"]
    with make().migrating() as connection:
        Tables(connection, revisions).up()
    assert applied(make(), revisions) == ["t1", "t2"]
    with make().migrating() as connection:
        Tables(connection, revisions).down("t2")
    assert applied(make(), revisions) == ["t1"]


async def test_a_process_goes_on_while_another_brings_the_tables_further(make: Make, revisions: Path) -> None:
    old = make()
    await old.open()
    await old.write(add(1))

    write_revisions(revisions, START, NEXT)
    new = make()
    await new.open()

    assert await old.write(add(2)) == 1
    assert await new.read(count) == 2
    await old.close()
    await new.close()


async def test_a_process_of_the_version_before_starts_on_tables_of_the_next(make: Make, revisions: Path) -> None:
    write_revisions(revisions, START, NEXT)
    new = make()
    await new.open()
    await new.close()

    (revisions / "1.py").unlink()
    old = make()
    await old.open()

    assert await old.write(add(1)) == 1
    await old.close()
    with old.migrating() as connection:
        known = Tables(connection, revisions).revisions()
        with pytest.raises(CannotGoBack, match="newer version"):
            Tables(connection, revisions).down("t2")
    assert known[1] == Revision("t2", "of a newer version", True)


async def test_a_revision_that_fails_leaves_nothing(make: Make, revisions: Path) -> None:
    write_revisions(revisions, START, NEXT.replace('author TEXT")', 'author TEXT"); 1 / 0'))
    with pytest.raises(ZeroDivisionError):
        await make().open()

    assert applied(make(), revisions) == []


async def test_a_revision_that_is_not_the_last_any_more_is_not_taken_back(make: Make, revisions: Path) -> None:
    write_revisions(revisions, START, NEXT)
    with make().migrating() as connection:
        Tables(connection, revisions).up()
        with pytest.raises(CannotGoBack, match="somebody else"):
            Tables(connection, revisions).down("t1")
