"""How late changes reach those who watch, as the metric tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from services.sessions import watchers
from services.sessions.watchers import Watchers
from tests.sessions.conftest import Counter

FOR_EVER = timedelta()
AN_ID = uuid4()


def measured() -> tuple[float, float]:
    """How many deliveries, and their seconds in all."""
    count, seconds = (REGISTRY.get_sample_value(f"counterfoil_event_lag_seconds_{name}") for name in ("count", "sum"))
    assert count is not None
    assert seconds is not None
    return count, seconds


async def lag_of(action: Callable[[], Awaitable[object]]) -> tuple[int, float]:
    count, seconds = measured()
    await action()
    after = measured()
    return int(after[0] - count), after[1] - seconds


async def test_each_change_that_a_watcher_waits_for_is_measured_from_its_commit(counter: Counter) -> None:
    session, _ = await counter.open()
    changes = counter.sessions.watch(session.id, None)
    await anext(changes)

    async def act() -> None:
        for _ in range(3):
            next_change = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            claim, _ = await counter.claim(session)
            assert (await next_change).message == claim

    count, seconds = await lag_of(act)
    assert count == 3
    assert 0 < seconds < 5


async def test_what_was_there_before_is_not_late(counter: Counter) -> None:
    session, _ = await counter.open()
    await counter.claim(session)

    async def replay() -> None:
        changes = counter.sessions.watch(session.id, 0)
        assert [(await anext(changes)).sequence for _ in range(2)] == [1, 2]

    assert await lag_of(replay) == (0, 0)


async def test_another_process_tells_when_it_was_committed() -> None:
    told: list[str] = []
    Watchers(told.append).notify(AN_ID, 2)
    here = Watchers()

    async def hear() -> None:
        with here.watching(AN_ID) as watch:
            waiting = asyncio.ensure_future(watch.wait(FOR_EVER))
            await asyncio.sleep(0.2)
            here.hear(told[0])
            await waiting
            watch.delivers()

    count, seconds = await lag_of(hear)
    assert count == 1
    assert seconds > 0.19


async def test_who_was_slow_to_read_is_late_by_itself() -> None:
    here = Watchers()

    async def act() -> None:
        with here.watching(AN_ID) as watch:
            here.hear(f"{AN_ID} 2 {time.time() - 60}")
            await watch.wait(FOR_EVER)
            watch.delivers()

    assert await lag_of(act) == (0, 0)


async def test_a_clock_that_is_ahead_makes_no_change_early() -> None:
    here = Watchers()

    async def act() -> None:
        with here.watching(AN_ID) as watch:
            waiting = asyncio.ensure_future(watch.wait(FOR_EVER))
            await asyncio.sleep(0)
            here.hear(f"{AN_ID} 2 {time.time() + 60}")
            await waiting
            watch.delivers()

    assert await lag_of(act) == (1, 0)


async def test_what_had_to_be_looked_for_is_as_late_as_it_was_found(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "LOOKING_SECONDS", 0.02)
    session, _ = await counter.open()
    counter.clock.now += timedelta(seconds=0.75)
    await counter.claim(session)
    [(_, sequence, recorded_at)] = await counter.store.sequences([session.id])
    assert (sequence, recorded_at) == (2, counter.clock.now)
    other = Watchers()
    looking = asyncio.create_task(other.look_for_ever(counter.store.sequences))

    async def find() -> None:
        with other.watching(session.id) as watch:
            await asyncio.wait_for(watch.wait(FOR_EVER), 30)
            watch.delivers()

    count, seconds = await lag_of(find)
    looking.cancel()
    assert count == 1
    assert seconds == pytest.approx(max(time.time() - recorded_at.timestamp(), 0), abs=2)
