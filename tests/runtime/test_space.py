"""Room for what others send: who has it, who waits for it, and who loses it."""

from __future__ import annotations

import asyncio
import time

import pytest

from services.runtime import space
from services.runtime.refusals import Overloaded
from services.runtime.space import Place, Space

# Enough for a busy machine, and far less than anybody stays or waits who is not told to go.
SOON_SECONDS = 20


async def _stay(place: Place, seconds: float, *, arrived: bool = False) -> str:
    async with place:
        if arrived:
            place.arrived()
        await asyncio.sleep(seconds)
    return "done"


def _starting(*places: Place, arrived: bool = False, seconds: float = 600) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(_stay(each, seconds, arrived=arrived)) for each in places]


def _narrow(**more: float) -> Space:
    return Space(10, **{"patience_seconds": 60.0, "patience_seconds_min": 0.02, "waiting_seconds_max": 60.0, **more})


async def test_who_comes_when_it_is_full_waits_until_there_is_room() -> None:
    narrow = _narrow()
    async with narrow.place(8):
        [waiting] = _starting(narrow.place(8), seconds=0)
        await asyncio.sleep(0.1)
        assert not waiting.done()

    assert await asyncio.wait_for(waiting, SOON_SECONDS) == "done"


async def test_what_takes_no_room_waits_for_nobody() -> None:
    narrow = _narrow()
    _starting(narrow.place(10), narrow.place(10))
    await asyncio.sleep(0.01)

    assert await asyncio.wait_for(_stay(narrow.place(0), 0), SOON_SECONDS) == "done"


async def test_the_slowest_makes_room_for_who_waits() -> None:
    narrow = _narrow(patience_seconds=0.2)
    oldest, other = _starting(narrow.place(5), narrow.place(5))
    await asyncio.sleep(0.05)

    assert await asyncio.wait_for(_stay(narrow.place(5), 0), SOON_SECONDS) == "done"
    with pytest.raises(Overloaded):
        await oldest
    assert not other.done()


async def test_callers_that_send_nothing_keep_nobody_waiting_for_long() -> None:
    """Forty a second, of whom two have room, and each would like to stay for ten minutes."""
    narrow = _narrow(patience_seconds=5.0)

    stalled: list[asyncio.Task[str]] = []

    async def keep_coming() -> None:
        while True:
            stalled.extend(_starting(narrow.place(5)))
            await asyncio.sleep(0.025)

    coming = asyncio.create_task(keep_coming())
    await asyncio.sleep(0.5)
    await asyncio.wait_for(_stay(narrow.place(5), 0), SOON_SECONDS)

    for each in (coming, *stalled):
        each.cancel()
    await asyncio.gather(coming, *stalled, return_exceptions=True)


async def test_what_has_arrived_is_answered_to_its_end() -> None:
    narrow = _narrow(patience_seconds=0.05, waiting_seconds_max=0.5)
    [arrived] = _starting(narrow.place(10), arrived=True)
    await asyncio.sleep(0)

    with pytest.raises(Overloaded) as raised:
        await _stay(narrow.place(1), 0)
    assert raised.value.metadata == {"retry_after_seconds": "5"}
    assert not arrived.done()


async def test_no_more_wait_than_there_is_patience_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "WAITING_MAX", 2)
    narrow = _narrow()
    waiting = _starting(*(narrow.place(10) for _ in range(3)))
    await asyncio.sleep(0.01)

    with pytest.raises(Overloaded):
        await asyncio.wait_for(_stay(narrow.place(10), 0), SOON_SECONDS)
    assert not any(each.done() for each in waiting)


async def test_who_leaves_gives_the_room_back() -> None:
    narrow = _narrow()
    for _ in range(3):
        [holding, waiting] = _starting(narrow.place(10), narrow.place(10))
        await asyncio.sleep(0.01)
        for each in (waiting, holding):
            each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding

    assert await asyncio.wait_for(_stay(narrow.place(10), 0), SOON_SECONDS) == "done"


async def test_hundreds_who_come_at_once_are_all_let_in_though_the_loop_is_slow() -> None:
    """Pitfall: ten thousand watchers who connect again after a restart, each of whom would be taken for slow."""
    narrow = _narrow(patience_seconds=0.1, waiting_seconds_max=300.0)

    async def come() -> None:
        async with narrow.place(1):
            await asyncio.sleep(0)
            time.sleep(0.004)  # noqa: ASYNC251 - as its work keeps the loop.

    came = await asyncio.gather(*(come() for _ in range(300)), return_exceptions=True)

    assert came == [None] * 300


async def test_room_that_was_given_to_who_left_at_that_moment_is_not_lost() -> None:
    narrow = _narrow()
    holding, waiting = _starting(narrow.place(10), narrow.place(10))
    await asyncio.sleep(0.01)
    holding.cancel()
    await asyncio.sleep(0)  # It has let the other in, who has not noticed.
    waiting.cancel()
    await asyncio.gather(holding, waiting, return_exceptions=True)

    assert await asyncio.wait_for(_stay(narrow.place(10), 0), SOON_SECONDS) == "done"


async def test_room_that_becomes_free_as_one_gives_up_goes_to_the_next() -> None:
    """Pitfall: for one turn of the loop, who has given up stands in the queue still."""
    narrow = _narrow()
    async with narrow.place(10):
        leaving, next_one = _starting(narrow.place(10), narrow.place(10), seconds=0)
        await asyncio.sleep(0.01)
        leaving.cancel()

    assert await asyncio.wait_for(next_one, SOON_SECONDS) == "done"
    assert await asyncio.wait_for(_stay(narrow.place(10), 0), SOON_SECONDS) == "done"


async def test_who_is_pushed_out_before_they_know_that_they_were_let_in_is_told_why() -> None:
    narrow = _narrow()
    place = narrow.place(10)
    async with narrow.place(10):
        [waiting] = _starting(place)
        await asyncio.sleep(0.01)
    place.push_out()

    with pytest.raises(Overloaded):
        await waiting
    assert await asyncio.wait_for(_stay(narrow.place(10), 0), SOON_SECONDS) == "done"
