"""Keys are wrapped anew under another key-encryption key."""

from __future__ import annotations

import base64
import secrets
from contextlib import AsyncExitStack

import grpc
import pytest
from pydantic import SecretStr

from services.runtime.settings import BadSetting, Settings
from tests.credentials.key_calls import keys, numbered, rotate, start
from tests.credentials.test_service import refused, running
from tests.logs import captured


def a_wrapping_key() -> SecretStr:
    return SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())


def wrapped_with(settings: Settings, key: SecretStr, previous: SecretStr | None = None) -> Settings:
    return settings.model_copy(update={"key_encryption_key": key, "previous_key_encryption_key": previous})


async def test_keys_are_wrapped_anew_and_the_old_wrapping_key_can_go(settings):
    old, new = a_wrapping_key(), a_wrapping_key()
    async with running(wrapped_with(settings, old)) as client:
        await rotate(client)
        messages = [numbered(key.issuer, number) for number, key in enumerate(await keys(client), 1)]
        before = [await client.issue(message) for message in messages]
    with captured() as lines:
        async with running(wrapped_with(settings, new, old)) as client:
            assert [await client.issue(message) for message in messages] == before
    async with running(wrapped_with(settings, new)) as client:
        assert (await client.issue(numbered(before[1].issuer, 9))).issuer == before[1].issuer
    with pytest.raises(BadSetting):
        await start(wrapped_with(settings, old))

    assert [line["event"] for line in lines].count("issuer key re-wrapped") == 2


async def test_wrapping_anew_happens_once(settings):
    old, new = a_wrapping_key(), a_wrapping_key()
    await start(wrapped_with(settings, old))
    await start(wrapped_with(settings, new, old))
    with captured() as lines:
        await start(wrapped_with(settings, new, old))

    assert lines == []


async def test_neither_wrapping_key_opening_stops_the_start(settings):
    await start(wrapped_with(settings, a_wrapping_key()))

    with pytest.raises(BadSetting, match="COUNTERFOIL_KEY_ENCRYPTION_KEY"):
        await start(wrapped_with(settings, a_wrapping_key(), a_wrapping_key()))


async def test_wrapping_anew_goes_round_twice_without_a_failing_call(settings):
    """As docs/running.md says it for several processes, with a rotation at every step."""
    old, new = a_wrapping_key(), a_wrapping_key()
    first_round = wrapped_with(settings, old, new)
    second_round = wrapped_with(settings, new, old)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(running(wrapped_with(settings, old))) for _ in range(2)]
        for step, now_with in enumerate([first_round, first_round, second_round, second_round]):
            clients[step % 2] = await stack.enter_async_context(running(now_with))
            await rotate(clients[step % 2])
            for number, client in enumerate(clients):
                credential = await client.issue(numbered(await client.issuer(), 10 * step + number))
                assert (await client.verify(credential.json)).verdict.accepted
    await start(second_round)
    await start(wrapped_with(settings, new))


@pytest.mark.usefixtures("at_once")
async def test_a_key_that_does_not_open_here_signs_nothing_here_and_stops_nothing_else(settings):
    """Another process wrapped it under a key that this one was not given."""
    old, new = a_wrapping_key(), a_wrapping_key()
    async with running(wrapped_with(settings, old)) as behind:
        request = numbered(await behind.issuer(), 1)
        async with running(wrapped_with(settings, new, old)) as ahead:
            await rotate(ahead)
            credential = await ahead.issue(numbered(await ahead.issuer(), 2))

        assert (await behind.verify(credential.json)).verdict.accepted
        assert (await behind.issue(request)).issuer == request.issuer
        assert await refused(behind.issuer()) == (grpc.StatusCode.INTERNAL, "INTERNAL")
