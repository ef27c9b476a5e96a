"""Messages that a party signed itself: what may join a session, and what a service may not say in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from services.messages.document import message_digest
from services.messages.ids import new_id_of
from services.messages.message import Acknowledgement, Cancellation, Claim, Message, Party, Rejection, Statement
from services.messages.money import Money
from services.messages.refusals import InvalidField
from services.runtime.database import Database
from services.sessions.domain import Session, Status, fold
from services.sessions.refusals import (
    ClaimAlreadyAcknowledged,
    ClaimAltered,
    CurrencyMismatch,
    ExpiryOutOfRange,
    IdempotencyConflict,
    MessageIdOfAnother,
    MessageIdTaken,
    MessageNotLinked,
    MessageOutOfOrder,
    SessionCancelled,
    SessionExpired,
    SessionNotFound,
    SignatureRequired,
    SignedCredentialNotFound,
    SignerNotTheParty,
)
from services.sessions.store import SqlStore
from services.sessions.usecases import Retry
from tests.conversations import HOST, NOON, STRANGER, a_request, eur
from tests.sessions.conftest import Counter

ANA, BEN = "did:key:z6MkAna", "did:key:z6MkBen"
MINUTE = timedelta(minutes=1)


def made_at(moment: datetime) -> UUID:
    return uuid7(nanoseconds=int(moment.timestamp() * 1000) * 10**6)


def said(statement: Statement, by: str, session: Message | None = None, *, after: timedelta = timedelta()) -> Message:
    return Message(uuid7(), session.session_id if session else made_at(NOON), by, NOON + after, statement)


def ana_asks() -> Message:
    return said(a_request(payee=Party(ANA)), ANA)


def ben_claims(request: Message, amount: str = "120", **more: timedelta) -> Message:
    return said(Claim(message_digest(request), eur(amount), Party(BEN)), BEN, request, **more)


def ana_confirms(claim: Message, amount: Money | None = None, **more: timedelta) -> Message:
    return said(Acknowledgement(claim.id, message_digest(claim), amount or eur("120")), ANA, claim, **more)


async def record(counter: Counter, *messages: Message) -> Session:
    for message in messages:
        session = await counter.sessions.record_signed(message, f'"{message.id}"', None)
    return session


async def test_two_parties_settle_a_payment_with_their_own_keys(counter: Counter) -> None:
    request = ana_asks()
    claim = ben_claims(request)

    session = await record(counter, request, claim, ana_confirms(claim))

    assert counter.sessions.status(session) is Status.RECEIVED
    assert [session.sequence, session.paid] == [3, eur("120")]
    assert await counter.sessions.signed_credential(claim.id) == f'"{claim.id}"'


async def test_the_same_message_again_gives_the_same_answer(counter: Counter) -> None:
    request = ana_asks()
    claim = ben_claims(request)
    first = await record(counter, request, claim)

    assert await record(counter, claim, request, claim) == first


async def test_pitfall_another_message_under_a_used_id_is_a_conflict(counter: Counter) -> None:
    request = ana_asks()
    claim = ben_claims(request, "10")
    await record(counter, request, claim)

    raised = replace(claim, statement=Claim(message_digest(request), eur("110"), Party(BEN)))
    for other in (raised, replace(request, id=uuid7())):
        with pytest.raises(MessageIdTaken):
            await record(counter, other)


async def test_who_sees_a_signed_message_before_it_is_handed_in_cannot_take_its_id(counter: Counter) -> None:
    request = ana_asks()
    await record(counter, request)
    claim = replace(ben_claims(request), id=new_id_of(BEN, NOON))
    lie = Claim(message_digest(request), eur("120"), Party(STRANGER))
    mallory = Message(claim.id, request.session_id, STRANGER, NOON, lie)
    elsewhere = replace(ana_asks(), id=claim.id)

    for taken in (mallory, elsewhere):
        with pytest.raises(MessageIdOfAnother):
            await record(counter, taken)

    session = await record(counter, claim)
    assert [each.claim.message for each in session.claims] == [claim]


async def test_a_request_id_is_remembered_for_signed_messages_too(counter: Counter) -> None:
    request, retry = ana_asks(), Retry(uuid4(), b"ana asks")
    session = await counter.sessions.record_signed(request, "", retry)

    assert await counter.sessions.record_signed(request, "", retry) == session
    with pytest.raises(IdempotencyConflict):
        await counter.sessions.record_signed(ana_asks(), "", Retry(retry.request_id, b"ana asks for more"))


async def test_pitfall_nobody_acts_for_a_payee_who_signs(counter: Counter) -> None:
    request = ana_asks()
    claim = ben_claims(request)
    session = await record(counter, request, claim)
    token = counter.sessions._tokens.of(session.id)

    for given in ("", "x", token):
        with pytest.raises(SignatureRequired):
            await counter.acknowledge(session, given, claim)
        with pytest.raises(SignatureRequired):
            await counter.sessions.reject(session.id, given, claim.id, "", None)
        with pytest.raises(SignatureRequired):
            await counter.sessions.cancel(session.id, given, "", None)
    for stranger in (HOST, BEN, STRANGER):
        for answer in (
            Acknowledgement(claim.id, message_digest(claim), eur("120")),
            Rejection(claim.id, message_digest(claim)),
            Cancellation(message_digest(request)),
        ):
            with pytest.raises(SignerNotTheParty):
                await record(counter, said(answer, stranger, request))
    assert await counter.sessions.get(session.id) == session


async def test_a_hosted_payee_answers_by_the_token_whoever_signs(counter: Counter) -> None:
    session, _ = await counter.open()
    claim, session = await counter.claim(session)

    for signer in (HOST, ANA):
        answer = said(Acknowledgement(claim.id, message_digest(claim), eur("120")), signer, claim)
        with pytest.raises(SignerNotTheParty):
            await record(counter, answer)


async def test_hosted_and_signing_parties_meet_in_one_session(counter: Counter) -> None:
    hosted, token = await counter.open()
    claim = ben_claims(hosted.opening.message)
    session = await record(counter, claim)
    _, session = await counter.acknowledge(session, token, claim)
    assert counter.sessions.status(session) is Status.RECEIVED

    request = ana_asks()
    session = await record(counter, request)
    # That its request is of an issuer whose key is not the service's own is no reason to refuse.
    other, session = await counter.sessions.claim(
        session.id, lambda digest: Claim(digest, eur("120"), Party("Ben")), HOST, None, issuers=[HOST]
    )
    session = await record(counter, ana_confirms(other, after=MINUTE))
    assert counter.sessions.status(session) is Status.RECEIVED


async def test_what_a_signed_request_is_refused_for(counter: Counter) -> None:
    for by, payee in ((BEN, Party(ANA)), (ANA, Party("Ana"))):
        with pytest.raises(SignerNotTheParty):
            await record(counter, said(a_request(payee=payee), by))
    for lifetime in (timedelta(seconds=59), timedelta(days=-1), timedelta(days=367)):
        with pytest.raises(ExpiryOutOfRange):
            await record(counter, said(a_request(payee=Party(ANA), lifetime=lifetime), ANA))
    with pytest.raises(MessageOutOfOrder):
        await record(counter, said(a_request(payee=Party(ANA)), ANA, after=6 * MINUTE))


async def test_nobody_stays_on_top_of_the_list_by_a_session_id_of_their_choice(counter: Counter) -> None:
    later = NOON + 6 * MINUTE
    for chosen in (made_at(later), UUID(int=2**128 - 1), uuid4(), UUID("01a00000-0000-4000-8000-000000000000")):
        with pytest.raises(InvalidField, match="session id"):
            await record(counter, replace(ana_asks(), session_id=chosen))

    early, punctual, ahead = [
        replace(ana_asks(), session_id=made_at(NOON + minutes * MINUTE)) for minutes in (-9, 0, 4)
    ]
    await record(counter, ahead, early, punctual)
    listed = [each.id for each in await counter.sessions.page(None, 10)]
    assert listed == [each.session_id for each in (ahead, punctual, early)]


async def test_what_a_signed_claim_is_refused_for(counter: Counter) -> None:
    request, other = ana_asks(), ana_asks()
    with pytest.raises(SessionNotFound):
        await record(counter, ben_claims(request))
    await record(counter, request, other)

    digest = message_digest(request)
    for payer in (None, Party("Ben"), Party(ANA)):
        with pytest.raises(SignerNotTheParty):
            await record(counter, said(Claim(digest, eur("1"), payer), BEN, request))
    with pytest.raises(MessageNotLinked):
        await record(counter, said(Claim(message_digest(other), eur("1"), Party(BEN)), BEN, request))
    with pytest.raises(CurrencyMismatch):
        await record(counter, said(Claim(digest, Money.parse("1", "USD"), Party(BEN)), BEN, request))
    with pytest.raises(MessageOutOfOrder):
        await record(counter, ben_claims(request, after=6 * MINUTE))
    counter.clock.now = NOON + timedelta(days=8)
    with pytest.raises(SessionExpired):
        await record(counter, ben_claims(request))
    assert (await counter.sessions.get(request.session_id)).sequence == 1


async def test_what_a_signed_answer_is_refused_for(counter: Counter) -> None:
    request = ana_asks()
    claim = ben_claims(request)
    await record(counter, request, claim)

    with pytest.raises(ClaimAltered):
        await record(counter, said(Acknowledgement(claim.id, bytes(32), eur("120")), ANA, request))
    with pytest.raises(ClaimAltered):
        await record(counter, said(Rejection(claim.id, bytes(32)), ANA, request))
    with pytest.raises(CurrencyMismatch):
        await record(counter, ana_confirms(claim, Money.parse("120", "USD")))
    with pytest.raises(MessageNotLinked):
        await record(counter, said(Cancellation(bytes(32)), ANA, request))
    await record(counter, ana_confirms(claim))
    with pytest.raises(ClaimAlreadyAcknowledged):
        await record(counter, ana_confirms(claim))


async def test_pitfall_a_message_with_an_early_time_takes_nothing_back(counter: Counter) -> None:
    """In a fold the older of two competing messages wins, so a back-dated one must not come in late."""
    request = ana_asks()
    claim = ben_claims(request, after=2 * MINUTE)
    session = await record(counter, request, claim)

    with pytest.raises(MessageOutOfOrder):
        await record(counter, said(Cancellation(message_digest(request)), ANA, request, after=MINUTE))
    session = await record(counter, said(Cancellation(message_digest(request)), ANA, request, after=3 * MINUTE))

    assert [session.sequence, len(session.claims)] == [3, 1]
    with pytest.raises(SessionCancelled):
        await record(counter, ben_claims(request, after=MINUTE))


async def test_a_hosted_answer_is_never_dated_before_what_it_answers(counter: Counter) -> None:
    hosted, token = await counter.open()
    await record(counter, ben_claims(hosted.opening.message, after=4 * MINUTE))

    _, session = await counter.sessions.cancel(hosted.id, token, "", None)

    assert len(session.claims) == 1


async def test_what_is_recorded_folds_to_the_same_session_elsewhere(counter: Counter, database: Database) -> None:
    request = ana_asks()
    claims = [ben_claims(request, "60", after=n * MINUTE) for n in (1, 2)]
    session = await record(counter, request, *claims, ana_confirms(claims[1], eur("50"), after=3 * MINUTE))

    recorded = await SqlStore(database).conversation(session.id)
    assert fold(reversed(recorded)) == session


async def test_a_refused_message_leaves_nothing_behind(counter: Counter) -> None:
    refused = said(a_request(payee=Party(ANA)), BEN)
    with pytest.raises(SignerNotTheParty):
        await record(counter, refused)

    with pytest.raises(SessionNotFound):
        await counter.sessions.get(refused.session_id)
    with pytest.raises(SignedCredentialNotFound):
        await counter.sessions.signed_credential(refused.id)
