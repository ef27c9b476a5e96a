"""Waiting for a moment in which the loop has nothing else to do."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from services.runtime import database_sqlite
from services.runtime.database_sqlite import SqliteDatabase
from services.runtime.idle import Loop, until_idle
from tests.runtime.notes import add

LONG = 60.0


def on_our_loop(main: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(asyncio.wait_for(main(), LONG / 2))


def test_whoever_waits_goes_on_when_no_task_has_anything_to_do() -> None:
    async def main() -> None:
        turns = []

        async def busy() -> None:
            for turn in range(50):
                await asyncio.sleep(0)
                turns.append(turn)

        working = asyncio.create_task(busy())
        await until_idle(LONG)
        assert len(turns) == 50
        await working

    on_our_loop(main)


def test_what_has_arrived_is_seen_to_first() -> None:
    ours, theirs = socket.socketpair()

    async def main() -> None:
        reader, writer = await asyncio.open_connection(sock=ours)
        there = asyncio.create_task(reader.readexactly(1))
        await asyncio.sleep(0)
        theirs.send(b"x")
        await until_idle(LONG)
        assert there.done()
        writer.close()

    with theirs:
        on_our_loop(main)


def test_a_loop_that_is_never_idle_is_waited_for_only_so_long() -> None:
    async def main() -> None:
        working: asyncio.Handle

        def again() -> None:
            nonlocal working
            working = asyncio.get_running_loop().call_soon(again)

        again()
        began = time.monotonic()
        await until_idle(0.05)
        assert 0.05 <= time.monotonic() - began < LONG / 4
        working.cancel()

    on_our_loop(main)


def test_whoever_gave_up_waiting_is_passed_over() -> None:
    async def main() -> None:
        gone = asyncio.create_task(until_idle(LONG))
        await asyncio.sleep(0)
        gone.cancel()
        await until_idle(LONG)
        assert gone.cancelled()

    on_our_loop(main)


async def test_another_kind_of_loop_is_not_waited_for() -> None:
    assert not isinstance(asyncio.get_running_loop(), Loop)
    await until_idle(LONG)


def test_effects_that_come_while_the_loop_is_busy_share_a_commit(
    tmp_path: Path, revisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is.
    monkeypatch.setattr(database_sqlite, "JOINING_SECONDS_MAX", LONG)
    commits = []

    async def main() -> None:
        database = SqliteDatabase(tmp_path / "notes.db", revisions)
        await database.open()
        database._driver.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

        async def one_after(turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await database.write(add(turns))

        await asyncio.gather(*map(one_after, range(40)))
        await database.close()

    on_our_loop(main)
    assert len(commits) == 1
