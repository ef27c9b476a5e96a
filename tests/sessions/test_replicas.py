"""Two sessions services on one database, neither of which knows of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from services.messages.money import Money
from services.runtime.database import Database, database_of
from services.runtime.refusals import ServiceUnavailable
from services.runtime.settings import Settings
from services.sessions import watchers
from services.sessions.domain import Session
from services.sessions.refusals import ClaimAlreadyAcknowledged, IdempotencyConflict, SessionCancelled
from services.sessions.usecases import Retry
from tests.conversations import eur
from tests.sessions.conftest import Counter
from tests.sessions.test_signed import ana_asks, ben_claims


@pytest.fixture
async def databases(database_settings: Settings) -> AsyncIterator[list[Database]]:
    databases = [database_of(database_settings, "sessions") for _ in range(2)]
    await asyncio.gather(*(each.open() for each in databases))
    yield databases
    for each in databases:
        await each.close()


@pytest.fixture
def counters(databases: list[Database]) -> list[Counter]:
    return [Counter.on(each) for each in databases]


async def test_one_claim_acknowledged_on_both_at_once_is_booked_once(counters: list[Counter]) -> None:
    for _ in range(25):
        session, token = await counters[0].open("120")
        claim, _ = await counters[1].claim(session)
        outcomes = await asyncio.gather(
            *(each.acknowledge(session, token, claim) for each in counters * 2), return_exceptions=True
        )

        assert sum(isinstance(each, tuple) for each in outcomes) == 1
        assert sum(isinstance(each, ClaimAlreadyAcknowledged) for each in outcomes) == 3
        for each in counters:
            assert (await each.sessions.get(session.id)).paid == eur("120")


async def test_pitfall_4_one_call_that_reaches_both_at_once_takes_effect_once(counters: list[Counter]) -> None:
    for _ in range(25):
        opening, claiming, answering = (Retry(uuid4(), b"call") for _ in range(3))
        opened = await asyncio.gather(*(each.open(retry=opening) for each in counters * 2))
        session, token = opened[0]
        assert opened == [opened[0]] * 4

        claims = await asyncio.gather(*(each.claim(session, retry=claiming) for each in counters * 2))
        claim = claims[0][0]
        assert {each.id for each, _ in claims} == {claim.id}

        answers = await asyncio.gather(*(each.acknowledge(session, token, claim, answering) for each in counters * 2))
        assert len({answer.id for answer, _ in answers}) == 1
        after = await counters[0].sessions.get(session.id)
        assert (after.sequence, after.paid) == (3, eur("120"))


async def test_pitfall_4_of_two_calls_under_one_request_id_one_is_refused_and_leaves_nothing(
    counters: list[Counter],
) -> None:
    for _ in range(25):
        request_id = uuid4()
        outcomes = await asyncio.gather(
            *(
                each.open(retry=Retry(request_id, body))
                for each, body in zip(counters, (b"one", b"other"), strict=True)
            ),
            return_exceptions=True,
        )

        assert sum(isinstance(each, IdempotencyConflict) for each in outcomes) == 1
    assert len(await counters[0].sessions.page(None, 100)) == 25


async def test_what_both_write_at_once_is_one_conversation_without_gaps(counters: list[Counter]) -> None:
    session, token = await counters[0].open("1000")

    async def pay(counter: Counter, cents: int) -> None:
        claim, _ = await counter.claim(session, f"{cents}.00")
        await counter.acknowledge(session, token, claim)

    await asyncio.gather(*(pay(counters[cents % 2], cents) for cents in range(1, 41)))

    after = await counters[0].sessions.get(session.id)
    assert after.paid == Money(sum(range(1, 41)) * 100, "EUR")
    assert after.sequence == 81
    assert await counters[1].sessions.get(session.id) == after


async def test_a_cancellation_and_a_claim_at_once_agree_on_who_was_first(counters: list[Counter]) -> None:
    for _ in range(25):
        session, token = await counters[0].open()
        claimed, cancelled = await asyncio.gather(
            counters[0].claim(session), counters[1].sessions.cancel(session.id, token, "", None), return_exceptions=True
        )

        after = await counters[0].sessions.get(session.id)
        assert isinstance(cancelled, tuple)
        assert isinstance(claimed, SessionCancelled) or len(after.claims) == 1
        assert after.sequence == 2 + len(after.claims)


async def test_a_signed_conversation_sent_to_both_is_recorded_once(counters: list[Counter]) -> None:
    for _ in range(10):
        request = ana_asks()
        claim = ben_claims(request)
        for message in (request, claim):
            await asyncio.gather(*(each.sessions.record_signed(message, '""', None) for each in counters * 2))

        assert (await counters[1].sessions.get(request.session_id)).sequence == 2


async def take(counter: Counter, session: Session, count: int, after: int | None = None) -> list[int]:
    numbers: list[int] = []
    async for change in counter.sessions.watch(session.id, after):
        numbers.append(change.sequence)
        if len(numbers) == count:
            break
    return numbers


async def test_what_one_records_a_watcher_of_the_other_finds_without_being_told(
    counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "LOOKING_SECONDS", 0.02)
    one, other = counters
    looking = asyncio.create_task(other.watchers.look_for_ever(other.store.sequences))
    session, token = await one.open()
    changes = other.sessions.watch(session.id, None)
    first = await anext(changes)
    claim, _ = await one.claim(session)
    await one.acknowledge(session, token, claim)

    others = [await asyncio.wait_for(anext(changes), 30) for _ in range(2)]
    assert [each.sequence for each in (first, *others)] == [1, 2, 3]
    looking.cancel()


async def test_who_looks_goes_on_after_a_failed_look(counters: list[Counter], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "LOOKING_SECONDS", 0.02)
    one, other = counters
    looks = 0

    async def failing_at_first(ids: Collection[UUID]) -> list[tuple[UUID, int, datetime]]:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise ServiceUnavailable
        return await other.store.sequences(ids)

    looking = asyncio.create_task(other.watchers.look_for_ever(failing_at_first))
    session, _ = await one.open()
    changes = other.sessions.watch(session.id, None)
    first = await anext(changes)
    await one.claim(session)

    assert [first.sequence, (await asyncio.wait_for(anext(changes), 30)).sequence] == [1, 2]
    assert looks >= 3
    looking.cancel()


async def test_watchers_of_both_see_every_change_once_and_in_order(
    counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "LOOKING_SECONDS", 0.02)
    looking = [asyncio.create_task(each.watchers.look_for_ever(each.store.sequences)) for each in counters]
    session, token = await counters[0].open("1000")
    watching = [asyncio.create_task(take(each, session, 41, after=0)) for each in counters * 3]

    async def pay(counter: Counter) -> None:
        claim, _ = await counter.claim(session, "1")
        await counter.acknowledge(session, token, claim)

    await asyncio.gather(*(pay(counters[number % 2]) for number in range(20)))

    assert await asyncio.wait_for(asyncio.gather(*watching), 60) == [list(range(1, 42))] * 6
    for task in looking:
        task.cancel()
