"""What was answered survives SIGKILL at any moment, and is there once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from tests.faults.parties import failed_checks
from tests.faults.traffic import Client, Conversation, DyingGateway
from tests.processes import Start

DEATHS = 50
CLIENTS = 6
# So much work between two deaths at most; starting again takes longer than that.
LIFE_SECONDS_MAX = 0.5
STARTING_SECONDS_MAX = 0.8


@pytest.mark.slow
async def test_nothing_answered_is_lost_or_there_twice_after_fifty_kills(
    launch: Start, tmp_path: Path, chance: random.Random
) -> None:
    await live_and_die(DyingGateway(launch), tmp_path, chance, DEATHS, LIFE_SECONDS_MAX)


async def live_and_die(
    gateway: DyingGateway,
    directory: Path,
    chance: random.Random,
    deaths: int,
    life_seconds_max: float,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Clients talk through it while it dies so many times, `after` following; then all they were told is there."""
    stopping = asyncio.Event()
    clients = [Client(gateway, random.Random(chance.random()), stopping) for _ in range(CLIENTS)]
    running = [asyncio.create_task(each.run()) for each in clients]

    for _ in range(deaths):
        if chance.random() < 0.2:
            await gateway.start_and_die_after(chance.uniform(0, STARTING_SECONDS_MAX))
            after()
        await gateway.start()
        await asyncio.wait(running, timeout=chance.uniform(0, life_seconds_max), return_when=asyncio.FIRST_EXCEPTION)
        gateway.die()
        after()
    await gateway.start()
    stopping.set()
    await asyncio.gather(*running)

    conversations = [each for client in clients for each in client.conversations]
    assert sum(client.asked_again for client in clients) > deaths, "the gateway died, but hardly under load"
    await assert_all_sessions_are_told_of(await gateway.client(), directory, clients)
    for conversation in conversations:
        await assert_is_kept(conversation, await gateway.client())
    assert "Traceback" not in await gateway.close()


async def assert_all_sessions_are_told_of(client: Any, directory: Path, clients: list[Client]) -> None:
    """A session that nobody was told of comes from a request that nobody waited for; its evidence is whole as well."""
    told = {each.opened.session.id for client in clients for each in client.conversations}
    listed = await all_sessions(client, (directory / "var" / "operator-token").read_text().strip())
    untold = set(listed) - told

    assert len(listed) == len(set(listed))
    assert told <= set(listed)
    assert len(untold) <= sum(each.never_opened for each in clients)
    for session_id in untold:
        found = await client.GetSession(pb.GetSessionRequest(session_id=session_id))
        assert [each.message_id for each in found.credentials] == message_ids(found.session)


async def all_sessions(client: Any, operator_token: str) -> list[str]:
    found: list[str] = []
    page = pb.ListSessionsRequest(operator_token=operator_token, page_size=100)
    while True:
        listed = await client.ListSessions(page)
        found += [each.id for each in listed.sessions]
        page.page_token = listed.next_page_token
        if not page.page_token:
            return found


async def assert_is_kept(conversation: Conversation, client: Any) -> None:
    """The session holds what its clients were told, and besides at most the one call that they gave up on."""
    found = await client.GetSession(pb.GetSessionRequest(session_id=conversation.opened.session.id))
    session, told = found.session, conversation.credentials()
    credentials = {each.message_id: each for each in found.credentials}

    assert list(credentials) == message_ids(session)
    assert [credentials.get(each.message_id) for each in told] == told
    assert len(credentials) - len(told) in ((0, 1) if conversation.broken_off else (0,))
    assert session.sequence == len(credentials)
    assert_books_balance(session)
    for receipt in conversation.receipts:
        assert failed_checks((await client.DecodeMessage(pb.DecodeMessageRequest(text=receipt.text))).verdict) == []


def assert_books_balance(session: session_pb2.Session) -> None:
    """Every claim is booked once, with the amount it names."""
    answered = [each for each in session.claims if each.HasField("answer")]
    booked = [Decimal(each.answer.acknowledgement.amount.amount) for each in answered]

    assert [each.answer.acknowledgement.claim_id for each in answered] == [each.message.id for each in answered]
    assert booked == [Decimal(each.message.claim.amount.amount) for each in answered]
    assert Decimal(session.paid_amount.amount) == sum(booked)


def message_ids(session: session_pb2.Session) -> list[str]:
    claims = [each.message.id for each in session.claims]
    answers = [each.answer.id for each in session.claims if each.HasField("answer")]
    return sorted([session.request.id, *claims, *answers])
