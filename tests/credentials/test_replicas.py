"""Two credentials services on one database, neither of which knows of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.credentials import key_ring
from services.runtime.settings import Settings
from tests.credentials.key_calls import keys, method_in, numbered, revoke, rotate
from tests.credentials.revoking import status_in
from tests.credentials.test_service import Client, running


@pytest.fixture
async def replicas(database_settings: Settings) -> AsyncIterator[list[Client]]:
    """They start at the same moment on an empty database."""
    async with AsyncExitStack() as stack:
        started = [stack.enter_async_context(running(database_settings)) for _ in range(4)]
        yield list(await asyncio.gather(*started))


async def test_replicas_that_start_at_once_have_one_issuer_key(replicas: list[Client]) -> None:
    assert len({await each.issuer() for each in replicas}) == 1
    assert [len(await keys(each)) for each in replicas] == [1] * 4


async def test_one_message_issued_by_all_at_once_is_one_credential(replicas: list[Client]) -> None:
    for number in range(1, 20):
        message = numbered(await replicas[0].issuer(), number)
        issued = await asyncio.gather(*(each.issue(message) for each in replicas))

        assert len({each.json for each in issued}) == 1


async def test_replicas_that_rotate_at_once_agree_on_the_current_key(
    replicas: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "FRESH_SECONDS", 0.0)
    replaced = (await keys(replicas[0]))[0].verification_method
    await asyncio.gather(*(rotate(each, replaces=replaced) for each in replicas))

    assert len({await each.issuer() for each in replicas}) == 1
    assert len(await keys(replicas[0])) == 2


async def test_a_key_revoked_by_one_signs_nowhere(replicas: list[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "FRESH_SECONDS", 0.0)
    before = await replicas[0].issue(numbered(await replicas[0].issuer(), 1))
    await revoke(replicas[1], method_in(before))

    after = await replicas[2].issue(numbered(await replicas[2].issuer(), 2))
    assert method_in(after) != method_in(before)
    verdict = (await replicas[3].verify(before.json)).verdict
    assert not verdict.accepted


async def test_no_place_in_a_status_list_is_given_twice(database_settings: Settings) -> None:
    public = database_settings.model_copy(update={"public_url": "https://pay.example.org"})
    async with running(public) as one, running(public) as other:
        issuer = await one.issuer()
        messages = [numbered(issuer, number) for number in range(1, 101)]
        issued = await asyncio.gather(*(client.issue(message) for message in messages for client in (one, other)))

    assert len({each.json for each in issued}) == 100
    places = {(place["statusListCredential"], place["statusListIndex"]) for place in map(status_in, issued)}
    assert len(places) == 100
