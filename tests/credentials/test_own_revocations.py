"""What this process knows of its own status lists without asking the database each time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from services.credentials import own_revocations
from services.credentials.own_revocations import OwnRevocations
from services.credentials.status_lists import Place

PLACE = Place(1, 77)


class FakeStore:
    """One list with one place, in memory; `gate` holds back whoever reads what is revoked."""

    def __init__(self) -> None:
        self.revoked: set[int] = set()
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()

    async def at_place(self, place: Place) -> tuple[str, bool] | None:
        self.asked.append("place")
        return ("urn:x", place.index in self.revoked) if place == PLACE else None

    async def list(self, list_id: int) -> tuple[str, int] | None:
        self.asked.append("list")
        return "did:x", len(self.revoked)

    async def revoked_in(self, list_id: int) -> Iterable[int]:
        self.asked.append("revoked")
        found = set(self.revoked)
        self.reading.set()
        await self.gate.wait()
        return found


async def test_of_a_place_given_here_only_the_list_is_read_and_once_within_its_time():
    store = FakeStore()
    known = OwnRevocations(store)
    known.given(PLACE, "urn:x")

    for _ in range(3):
        assert await known.at_place(PLACE) == ("urn:x", False)

    assert store.asked == ["list", "revoked"]


async def test_a_place_that_was_looked_up_is_not_looked_up_again():
    store = FakeStore()
    known = OwnRevocations(store)

    for _ in range(3):
        assert await known.at_place(PLACE) == ("urn:x", False)

    assert store.asked == ["place", "list", "revoked"]


async def test_whose_a_place_is_is_asked_again_while_it_is_nobodys():
    store = FakeStore()
    known = OwnRevocations(store)

    assert [await known.at_place(Place(1, 78)) for _ in range(2)] == [None, None]
    assert store.asked == ["place", "place"]


async def test_what_was_revoked_here_is_known_at_once():
    store = FakeStore()
    known = OwnRevocations(store)
    known.given(PLACE, "urn:x")
    await known.at_place(PLACE)

    store.revoked.add(PLACE.index)
    known.changed(PLACE.list_id)

    assert await known.at_place(PLACE) == ("urn:x", True)


async def test_what_was_read_while_something_was_revoked_here_is_not_kept():
    store = FakeStore()
    known = OwnRevocations(store)
    known.given(PLACE, "urn:x")
    store.gate.clear()
    reading = asyncio.create_task(known.at_place(PLACE))
    await store.reading.wait()
    store.revoked.add(PLACE.index)
    known.changed(PLACE.list_id)
    store.gate.set()
    await reading

    assert await known.at_place(PLACE) == ("urn:x", True)


async def test_what_another_process_revoked_is_known_after_half_a_second(monkeypatch):
    store = FakeStore()
    known = OwnRevocations(store)
    known.given(PLACE, "urn:x")
    clock = 100.0
    monkeypatch.setattr("services.credentials.own_revocations.time.monotonic", lambda: clock)
    assert await known.at_place(PLACE) == ("urn:x", False)
    store.revoked.add(PLACE.index)

    clock += 0.51

    assert await known.at_place(PLACE) == ("urn:x", True)


async def test_a_list_in_which_nothing_changed_is_not_read_again(monkeypatch):
    store = FakeStore()
    known = OwnRevocations(store)
    known.given(PLACE, "urn:x")
    monkeypatch.setattr(own_revocations, "FRESH_SECONDS", -1)

    for _ in range(3):
        await known.at_place(PLACE)

    assert store.asked == ["list", "revoked", "list", "list"]


@pytest.mark.parametrize("index", [0, 76, 78, 131_071])
async def test_the_neighbour_of_a_revoked_place_is_good(index):
    store = FakeStore()
    store.revoked.add(PLACE.index)
    known = OwnRevocations(store)
    known.given(Place(1, index), "urn:y")

    assert await known.at_place(Place(1, index)) == ("urn:y", False)
