"""Why a message is no part of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from services.messages.message import Acknowledgement, Claim, Party
from services.messages.money import Money
from services.sessions.domain import Flaw, Recorded, acknowledge, fold
from services.sessions.placing import flaws
from tests.conversations import STRANGER, Conversation, a_request, eur
from tests.sessions.test_domain import LATER, conversations


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation()
    talk.request(eur("120"))
    return talk


def flaw_of_last(talk: Conversation) -> Flaw | None:
    return flaws(talk.messages, talk.session()).get(talk.messages[-1].digest)


def test_what_counts_has_no_flaw(talk: Conversation) -> None:
    talk.acknowledge(talk.claim(eur("20")))
    talk.reject(talk.claim(eur("30")))
    talk.cancel()

    assert flaws(talk.messages, talk.session()) == {}


def test_an_answer_of_somebody_else_is_not_the_payees(talk: Conversation) -> None:
    claim = talk.claim()
    for say in (talk.acknowledge, talk.reject):
        say(claim, issuer=STRANGER)
        assert flaw_of_last(talk) is Flaw.NOT_THE_PARTY
    talk.cancel(issuer=STRANGER)
    assert flaw_of_last(talk) is Flaw.NOT_THE_PARTY


def test_a_claim_or_request_in_the_name_of_a_did_that_did_not_sign_is_not_the_partys(talk: Conversation) -> None:
    talk.claim(payer=Party.did(STRANGER, "payer"))
    assert flaw_of_last(talk) is Flaw.NOT_THE_PARTY
    talk.say(a_request(payee=Party.did(STRANGER, "payee")))
    assert flaw_of_last(talk) is Flaw.NOT_THE_PARTY


def test_an_answer_to_what_is_not_here_is_not_linked(talk: Conversation) -> None:
    claim = talk.claim()
    talk.say(Acknowledgement(claim.message.id, bytes(32), eur("1")))
    assert flaw_of_last(talk) is Flaw.UNLINKED
    talk.say(Claim(bytes(32), eur("1")))
    assert flaw_of_last(talk) is Flaw.UNLINKED


def test_a_claim_or_answer_in_another_currency_does_not_count(talk: Conversation) -> None:
    talk.claim(Money.parse("1", "USD"))
    assert flaw_of_last(talk) is Flaw.OTHER_CURRENCY
    talk.acknowledge(talk.claim(), Money.parse("1", "USD"))
    assert flaw_of_last(talk) is Flaw.OTHER_CURRENCY


def test_a_claim_after_expiry_or_cancellation_is_too_late(talk: Conversation) -> None:
    talk.cancel()
    talk.at += timedelta(seconds=1)
    talk.claim()
    assert flaw_of_last(talk) is Flaw.TOO_LATE
    talk.at += LATER
    talk.claim()
    assert flaw_of_last(talk) is Flaw.TOO_LATE


def test_a_second_answer_cancellation_or_request_finds_its_place_taken(talk: Conversation) -> None:
    claim = talk.claim()
    acts: list[Callable[[], object]] = [lambda: talk.acknowledge(claim), talk.cancel, talk.request]
    for say in acts:
        say()
        talk.at += timedelta(seconds=1)
        say()
        assert flaw_of_last(talk) is Flaw.PLACE_TAKEN


def test_another_message_under_a_used_id_does_not_count(talk: Conversation) -> None:
    first = talk.claim(eur("20"))
    talk.messages.append(Recorded.of(replace(first.message, statement=Claim(talk.messages[0].digest, eur("90")))))

    assert list(flaws(talk.messages, talk.session()).values()) == [Flaw.ID_USED_BEFORE]


def test_a_stranger_takes_no_message_away_by_signing_another_under_its_id(talk: Conversation) -> None:
    """The older message wins a place; it must not win that of somebody else."""
    talk.at += timedelta(minutes=1)
    claim = talk.claim(eur("20"))
    receipt = talk.acknowledge(claim)
    for each in (claim, receipt):
        theirs = replace(each.message, issuer=STRANGER, issued_at=talk.at - timedelta(minutes=1))
        talk.messages.append(Recorded.of(theirs))

    session = talk.session()

    assert session.paid == eur("20")
    assert session.claim(claim.message.id, claim.digest).claim == claim


def test_of_two_claims_under_one_id_the_payee_answers_the_one_they_read(talk: Conversation) -> None:
    theirs, claim = talk.claim(eur("20")), talk.claim(eur("30"), issuer=STRANGER)
    twin = Recorded.of(replace(claim.message, id=theirs.message.id))
    talk.messages[-1] = twin

    for each in (theirs, twin):
        assert acknowledge(talk.session(), each.message.id, each.digest, None).claim_digest == each.digest


@given(conversations())
def test_every_message_counts_or_has_a_flaw_and_without_the_flawed_the_session_is_the_same(talk: Conversation) -> None:
    found = flaws(talk.messages, talk.session())
    counted = [each for each in talk.messages if each.digest not in found]

    assert len({each.digest for each in counted}) == talk.session().sequence
    assert fold(counted) == talk.session()
