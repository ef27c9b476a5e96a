"""Sessions on a database: retries, races, authority, watching."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from uuid_utils.compat import uuid7

from services.messages.money import Money
from services.messages.refusals import InvalidField
from services.runtime.database import Database, database_of
from services.runtime.settings import Settings
from services.sessions.domain import Session, Status
from services.sessions.refusals import (
    ClaimAlreadyAcknowledged,
    ClaimNotFound,
    IdempotencyConflict,
    PayeeTokenRequired,
    PayeeTokenWrong,
    SessionExpired,
    SessionNotFound,
)
from services.sessions.store import REMEMBERED, Base
from services.sessions.tokens import PayeeTokens
from services.sessions.usecases import Change, Retry
from tests.conversations import eur
from tests.sessions.conftest import Counter


async def test_a_payment_in_two_parts(counter: Counter) -> None:
    session, token = await counter.open("120")
    for part in ("70", "50"):
        claim, session = await counter.claim(session, part)
        _, session = await counter.acknowledge(session, token, claim)

    assert session.paid == eur("120")
    assert session.sequence == 5
    assert counter.sessions.status(session) is Status.RECEIVED
    assert await counter.sessions.get(session.id) == session


async def test_pitfall_1_nobody_acts_as_the_payee_without_the_token(counter: Counter) -> None:
    session, _ = await counter.open()
    _, other_token = await counter.open()
    claim, _ = await counter.claim(session)

    wrong = dict.fromkeys(["x", other_token, "\xe9\ud800"], PayeeTokenWrong)
    for token, refusal in {"": PayeeTokenRequired, **wrong}.items():
        with pytest.raises(refusal):
            await counter.acknowledge(session, token, claim)
        with pytest.raises(refusal):
            await counter.sessions.reject(session.id, token, claim.id, "", None)
        with pytest.raises(refusal):
            await counter.sessions.cancel(session.id, token, "", None)
    assert (await counter.sessions.get(session.id)).sequence == 2


async def test_the_token_is_not_in_the_database(counter: Counter, tmp_path: Path) -> None:
    _, token = await counter.open()

    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir() if each.is_file())
    assert token.encode() not in stored


async def test_pitfall_4_a_retry_gives_the_first_answer_and_books_nothing(counter: Counter) -> None:
    first = Retry(uuid4(), b"open")
    session, token = await counter.open(retry=first)
    assert await counter.open(retry=first) == (session, token)

    second = Retry(uuid4(), b"claim")
    claim, _ = await counter.claim(session, retry=second)
    assert (await counter.claim(session, retry=second))[0] == claim

    third = Retry(uuid4(), b"acknowledge")
    receipt, after = await counter.acknowledge(session, token, claim, retry=third)
    assert await counter.acknowledge(session, token, claim, retry=third) == (receipt, after)
    assert after.sequence == 3


async def test_a_retry_under_another_token_key_gives_no_token_rather_than_a_wrong_one(counter: Counter) -> None:
    retry = Retry(uuid4(), b"open")
    session, _ = await counter.open(retry=retry)
    counter.sessions._tokens = PayeeTokens(b"\1" * 32)

    assert await counter.open(retry=retry) == (session, "")


async def test_pitfall_4_retries_at_the_same_moment_record_once(counter: Counter) -> None:
    retry = Retry(uuid4(), b"open")
    answers = await asyncio.gather(*(counter.open(retry=retry) for _ in range(50)))

    assert len({session.id for session, _ in answers}) == 1


async def test_a_request_id_with_other_fields_is_a_conflict(counter: Counter) -> None:
    retry = Retry(uuid4(), b"one")
    session, _ = await counter.open(retry=retry)

    with pytest.raises(IdempotencyConflict):
        await counter.open(retry=Retry(retry.request_id, b"another"))
    with pytest.raises(IdempotencyConflict):
        await counter.claim(session, retry=Retry(retry.request_id, b"claim"))


async def test_a_refused_call_does_not_use_up_its_request_id(counter: Counter) -> None:
    session, token = await counter.open()
    claim, _ = await counter.claim(session)
    retry = Retry(uuid4(), b"acknowledge")
    with pytest.raises(PayeeTokenWrong):
        await counter.acknowledge(session, "wrong", claim, retry=retry)

    _, after = await counter.acknowledge(session, token, claim, retry=retry)
    assert after.paid == eur("120")


async def test_request_ids_are_forgotten_after_a_day(counter: Counter, database: Database) -> None:
    await counter.open(retry=Retry(uuid4(), b""))
    counter.clock.now += REMEMBERED + timedelta(seconds=1)
    await counter.open(retry=Retry(uuid4(), b""))

    assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM request")).scalar_one()) == 1


async def test_two_acknowledgements_at_the_same_moment_book_once(counter: Counter) -> None:
    for _ in range(50):
        session, token = await counter.open("120")
        claim, _ = await counter.claim(session)
        outcomes = await asyncio.gather(
            *(counter.acknowledge(session, token, claim) for _ in range(4)), return_exceptions=True
        )

        assert sum(isinstance(each, tuple) for each in outcomes) == 1
        assert sum(isinstance(each, ClaimAlreadyAcknowledged) for each in outcomes) == 3
        assert (await counter.sessions.get(session.id)).paid == eur("120")


async def test_what_is_paid_is_the_sum_under_any_interleaving(counter: Counter) -> None:
    session, token = await counter.open("1000")

    async def pay(cents: int) -> None:
        claim, _ = await counter.claim(session, f"{cents}.00")
        await counter.acknowledge(session, token, claim)

    await asyncio.gather(*(pay(cents) for cents in range(1, 41)))

    after = await counter.sessions.get(session.id)
    assert after.paid == Money(sum(range(1, 41)) * 100, "EUR")
    assert after.sequence == 81


async def test_a_claim_of_another_session_is_not_found_and_books_nothing(counter: Counter) -> None:
    session, token = await counter.open()
    other, _ = await counter.open()
    claim, _ = await counter.claim(other)

    with pytest.raises(ClaimNotFound):
        await counter.acknowledge(session, token, claim)
    assert (await counter.sessions.get(other.id)).paid == Money.zero("EUR")


async def test_pitfall_18_after_the_expiry_no_new_claim_but_an_older_one_is_booked_and_marked_late(
    counter: Counter,
) -> None:
    session, token = await counter.open()
    claim, _ = await counter.claim(session, "100")
    counter.clock.now += timedelta(days=8)

    with pytest.raises(SessionExpired):
        await counter.claim(session)
    _, after = await counter.acknowledge(session, token, claim)
    assert after.claims[0].late
    assert after.paid == eur("100")


async def test_pitfall_30_a_clock_set_back_does_not_put_an_answer_before_its_claim(counter: Counter) -> None:
    session, token = await counter.open()
    claim, _ = await counter.claim(session)
    counter.clock.now -= timedelta(hours=1)
    receipt, after = await counter.acknowledge(session, token, claim)

    assert receipt.issued_at >= claim.issued_at
    assert after.paid == eur("120")


async def test_an_unknown_session_is_not_found(counter: Counter) -> None:
    with pytest.raises(SessionNotFound):
        await counter.sessions.get(uuid7())


async def test_the_issuer_of_the_request_speaks_for_the_payee_throughout(counter: Counter) -> None:
    session, token = await counter.open()
    claim, _ = await counter.claim(session)
    receipt, _ = await counter.acknowledge(session, token, claim)

    assert receipt.issuer == session.opening.message.issuer


async def take(counter: Counter, session_id: object, after: int | None, count: int) -> list[Change]:
    changes: list[Change] = []
    async for change in counter.sessions.watch(session_id, after):  # type: ignore[arg-type]
        changes.append(change)
        if len(changes) == count:
            break
    return changes


async def test_a_watcher_sees_a_snapshot_and_then_every_change(counter: Counter) -> None:
    session, token = await counter.open()
    watching = counter.sessions.watch(session.id, None)
    changes = [await anext(watching)]
    claim, _ = await counter.claim(session)
    receipt, _ = await counter.acknowledge(session, token, claim)

    changes += [await asyncio.wait_for(anext(watching), 30) for _ in range(2)]
    assert [(each.sequence, each.message) for each in changes] == [(1, None), (2, claim), (3, receipt)]
    assert changes[1].session.paid == Money.zero("EUR")


async def test_a_watcher_that_waits_holds_no_session(counter: Counter) -> None:
    session, _ = await counter.open()
    changes = counter.sessions.watch(session.id, None)
    await anext(changes)
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)

    held = [each for each in gc.get_objects() if isinstance(each, Session) and each.id == session.id]
    assert held == [session]
    waiting.cancel()


async def test_a_watcher_that_comes_back_misses_nothing(counter: Counter) -> None:
    session, token = await counter.open()
    for _ in range(3):
        claim, _ = await counter.claim(session, "10")
        await counter.acknowledge(session, token, claim)

    changes = await asyncio.wait_for(take(counter, session.id, 4, 3), 30)
    assert [each.sequence for each in changes] == [5, 6, 7]
    assert [each.session.paid for each in changes] == [eur("20"), eur("20"), eur("30")]


async def test_a_watcher_that_missed_very_much_is_given_the_session_as_it_is(counter: Counter) -> None:
    session, token = await counter.open("1000")
    for _ in range(51):
        claim, _ = await counter.claim(session, "1")
        await counter.acknowledge(session, token, claim)

    (change,) = await asyncio.wait_for(take(counter, session.id, 0, 1), 30)
    assert (change.sequence, change.message, change.session.paid) == (103, None, eur("51"))


async def test_a_watcher_is_told_of_the_expiry(counter: Counter) -> None:
    session, _ = await counter.open()
    counter.clock.now = session.request.expires_at - timedelta(milliseconds=100)
    watching = counter.sessions.watch(session.id, None)
    await anext(watching)
    waiting = asyncio.ensure_future(anext(watching))
    await asyncio.sleep(0)
    counter.clock.now += timedelta(seconds=1)

    expired = await asyncio.wait_for(waiting, 30)
    assert (expired.sequence, expired.message) == (1, None)
    assert counter.sessions.status(expired.session) is Status.EXPIRED


async def test_watching_from_the_future_is_refused(counter: Counter) -> None:
    session, _ = await counter.open()
    for after in (2, -1):
        with pytest.raises(InvalidField):
            await take(counter, session.id, after, 1)


async def test_a_watcher_that_left_is_forgotten(counter: Counter) -> None:
    session, _ = await counter.open()
    changes = counter.sessions.watch(session.id, None)
    await anext(changes)
    watching = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    assert list(counter.sessions._watchers._waiting) == [session.id]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)

    assert counter.sessions._watchers._waiting == {}


async def test_a_listing_goes_from_the_newest_to_the_oldest(counter: Counter) -> None:
    opened = [(await counter.open())[0].id for _ in range(5)]
    first = await counter.sessions.page(None, 2)
    rest = await counter.sessions.page(first[-1].id, 10)

    assert [each.id for each in (*first, *rest)] == opened[::-1]


async def test_sessions_survive_a_restart(database_settings: Settings) -> None:
    first = database_of(database_settings, "sessions")
    await first.open()
    session, token = await Counter.on(first).open()
    await first.close()

    second = database_of(database_settings, "sessions")
    await second.open()
    claim, _ = await Counter.on(second).claim(session)
    assert (await Counter.on(second).acknowledge(session, token, claim))[1].paid == eur("120")
    await second.close()


async def test_the_migrations_make_the_tables_that_are_declared(database: Database) -> None:
    difference = await database.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection), Base.metadata)
    )

    assert list(islice(difference, 10)) == []
