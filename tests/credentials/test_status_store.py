"""Places in the database, taken at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from services.credentials.status_store import SqlStatusStore
from services.runtime.database import database_of
from tests.credentials.parties import NOON, SERVICE


@pytest.fixture
async def store(database_settings):
    database = database_of(database_settings, "credentials")
    await database.open()
    yield SqlStatusStore(database)
    await database.close()


async def test_places_that_are_reserved_at_once_are_all_different(store):
    reserved = await asyncio.gather(*(store.reserve(SERVICE.did, 32, NOON) for _ in range(20)))

    places = [place for some in reserved for place in some]
    assert len(set(places)) == len(places) > 600


async def test_a_place_that_is_reserved_is_nobodys(store):
    (place,) = await store.reserve(SERVICE.did, 1, NOON)

    assert await store.at_place(place) is None


async def test_one_credential_gets_one_place_however_often_it_is_asked_for_at_once(store):
    places = await asyncio.gather(*(store.place_of("urn:x", SERVICE.did, NOON) for _ in range(20)))

    assert len(set(places)) == 1
    assert await store.at_place(places[0]) == ("urn:x", False)
