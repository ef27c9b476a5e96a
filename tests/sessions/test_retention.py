"""What becomes of sessions that are over: which they are, who is given them, and what is left afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection

from services.messages.message import Request
from services.runtime.database import Database, database_of
from services.runtime.settings import Settings
from services.sessions import retention as rules
from services.sessions.domain import Session
from services.sessions.refusals import ExpiryOutOfRange, SessionNotFound
from services.sessions.retention import Retention, has_ended
from services.sessions.retention_store import SqlRetentionStore
from services.sessions.usecases import Retry
from tests.conversations import NOON, Conversation
from tests.logs import captured
from tests.sessions.conftest import Counter
from tests.sessions.test_signed import ana_asks, ana_confirms, ben_claims, record

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
KEPT = timedelta(days=30)


@pytest.fixture
def retention(database: Database, counter: Counter) -> Retention:
    return Retention(SqlRetentionStore(database), counter.clock)


async def taken(retention: Retention, size: int = 100) -> list[UUID]:
    found, after = [], None
    while True:
        ids, after = await retention.take(KEPT, after, size)
        found += ids
        if after is None:
            return found


def over_at(conversation: Conversation, **more: timedelta) -> bool:
    """30 days after the expiry, which is a week after noon, and nothing was recorded since `said`."""
    last = NOON + more.get("last", timedelta())
    return has_ended(conversation.session(), last, KEPT, NOON + WEEK + KEPT + more.get("later", timedelta()))


def test_a_session_is_over_so_long_after_its_expiry() -> None:
    conversation = Conversation()
    conversation.request()

    assert over_at(conversation)
    assert not over_at(conversation, later=timedelta(seconds=-1))


def test_what_was_said_late_is_kept_as_long_as_all_else() -> None:
    conversation = Conversation()
    conversation.request()
    conversation.acknowledge(conversation.claim())

    assert not over_at(conversation, last=WEEK + DAY)
    assert over_at(conversation, last=WEEK + DAY, later=DAY)


def test_a_session_paid_in_full_takes_claims_until_it_expires_and_is_not_over() -> None:
    conversation = Conversation()
    conversation.request(lifetime=366 * DAY)
    conversation.acknowledge(conversation.claim())

    assert not over_at(conversation)


def test_a_cancelled_session_is_not_over_while_its_signed_request_would_open_it_again() -> None:
    conversation = Conversation()
    conversation.request(lifetime=366 * DAY)
    conversation.cancel()

    assert not over_at(conversation)
    assert over_at(conversation, later=359 * DAY)


def test_a_claim_that_waits_for_its_answer_keeps_a_session_for_a_year() -> None:
    conversation = Conversation()
    conversation.request()
    conversation.reject(conversation.claim())
    conversation.claim()

    assert not over_at(conversation, later=335 * DAY)
    assert over_at(conversation, later=336 * DAY)


async def test_sessions_that_are_over_are_handed_out_once(counter: Counter, retention: Retention) -> None:
    old = [(await counter.open())[0].id for _ in range(5)]
    counter.clock.now += WEEK + KEPT
    await counter.open()

    assert await taken(retention, size=2) == old
    assert await taken(retention) == []


async def test_what_was_handed_out_and_is_still_there_comes_again(counter: Counter, retention: Retention) -> None:
    session, _ = await counter.open()
    counter.clock.now += WEEK + KEPT
    first = await taken(retention)
    counter.clock.now += rules.TAKEN_FOR + timedelta(seconds=1)

    assert await taken(retention) == first == [session.id]


async def test_what_is_not_over_hides_nothing_behind_it(counter: Counter, retention: Retention) -> None:
    waiting, _ = await counter.open()
    await counter.claim(waiting)
    over, _ = await counter.open()
    counter.clock.now += WEEK + KEPT

    assert await taken(retention, size=1) == [over.id]


@pytest.fixture
async def retentions(
    database_settings: Settings, counter: Counter, retention: Retention
) -> AsyncIterator[list[Retention]]:
    """Of two processes."""
    other = database_of(database_settings, "sessions")
    await other.open()
    yield [retention, Retention(SqlRetentionStore(other), counter.clock)]
    await other.close()


async def test_several_that_take_at_once_share_the_work(counter: Counter, retentions: list[Retention]) -> None:
    old = [(await counter.open())[0].id for _ in range(40)]
    counter.clock.now += WEEK + KEPT

    shares = await asyncio.gather(*(taken(each, size=7) for each in retentions * 2))

    assert sorted(each for share in shares for each in share) == old


async def test_a_deleted_session_leaves_nothing_but_a_line(
    counter: Counter, retention: Retention, database: Database
) -> None:
    session = await settled(counter)
    counter.clock.now += WEEK + KEPT
    await taken(retention)

    with captured() as lines:
        assert await retention.delete({session.id: session.sequence}) == [session.id]

    [line] = [line for line in lines if line["event"] == "session deleted"]
    assert line.items() >= {"session_id": str(session.id), "level": "info"}.items()
    assert set(line) <= {"event", "session_id", "level", "request_id"}
    with pytest.raises(SessionNotFound):
        await counter.sessions.get(session.id)
    for table in ("session", "message", "request"):
        assert await database.read(partial(count_of, table)) == 0
    assert await retention.delete({session.id: session.sequence}) == []


def count_of(table: str, connection: Connection) -> int:
    return len(connection.exec_driver_sql(f"SELECT id FROM {table}").all())


async def test_what_was_not_handed_out_is_not_deleted(counter: Counter, retention: Retention) -> None:
    session, _ = await counter.open()

    assert await retention.delete({session.id: 1, uuid4(): 1}) == []
    assert await counter.sessions.get(session.id) == session


async def test_what_changed_since_it_was_read_is_not_deleted(counter: Counter, retention: Retention) -> None:
    session, token = await counter.open()
    other, _ = await counter.open()
    counter.clock.now += WEEK + KEPT
    assert await taken(retention) == [session.id, other.id]
    await counter.sessions.cancel(session.id, token, "", None)

    assert await retention.delete({session.id: 1, other.id: 1}) == [other.id]
    assert (await counter.sessions.get(session.id)).sequence == 2


async def test_a_message_and_the_deletion_of_its_session_at_once_agree_on_who_was_first(
    counter: Counter, retentions: list[Retention]
) -> None:
    opened = [await counter.open() for _ in range(20)]
    counter.clock.now += WEEK + KEPT
    await taken(retentions[0])

    for session, token in opened:
        cancelled, deleted = await asyncio.gather(
            counter.sessions.cancel(session.id, token, "", None),
            retentions[1].delete({session.id: 1}),
            return_exceptions=True,
        )
        assert isinstance(cancelled, SessionNotFound) if deleted else isinstance(cancelled, tuple)


async def settled(counter: Counter) -> Session:
    session, token = await counter.open(retry=Retry(OPENING, b"open"))
    claim, _ = await counter.claim(session, retry=Retry(uuid4(), b"claim"))
    _, session = await counter.acknowledge(session, token, claim, Retry(uuid4(), b"acknowledge"))
    return session


OPENING = uuid4()


async def test_a_request_id_of_a_deleted_session_is_a_new_call(counter: Counter, retention: Retention) -> None:
    session = await settled(counter)
    counter.clock.now += WEEK + KEPT
    await taken(retention)
    await retention.delete({session.id: session.sequence})

    again, token = await counter.open(retry=Retry(OPENING, b"open"))
    assert again.id != session.id
    assert token


async def test_pitfall_2_nothing_that_a_party_signed_books_a_second_time_after_its_session_was_deleted(
    counter: Counter, retention: Retention
) -> None:
    request = ana_asks()
    claim = ben_claims(request)
    receipt = ana_confirms(claim)
    session = await record(counter, request, claim, receipt)
    assert isinstance(request.statement, Request)
    counter.clock.now = request.statement.expires_at + KEPT
    assert await taken(retention) == [request.session_id]
    await retention.delete({request.session_id: session.sequence})

    with pytest.raises(ExpiryOutOfRange):
        await record(counter, request)
    for message in (claim, receipt):
        with pytest.raises(SessionNotFound):
            await record(counter, message)
