"""What two messages of one party prove when they contradict each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.messages.message import Acknowledgement, Claim
from services.sessions.contradictions import Contradiction, equivocations
from services.sessions.domain import Recorded
from tests.conversations import STRANGER, Conversation, a_request, eur
from tests.sessions.test_domain import conversations


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation()
    talk.request(eur("120"))
    return talk


def test_two_acknowledgements_of_one_claim_that_differ_are_a_contradiction(talk: Conversation) -> None:
    claim = talk.claim()
    yes, less = talk.acknowledge(claim, eur("120")), talk.acknowledge(claim, eur("20"))

    [found] = equivocations(talk.messages)

    assert found.kind is Contradiction.ANSWERS_TO_ONE_CLAIM
    assert (found.first, found.second) == (yes, less)


def test_yes_and_no_to_one_claim_are_a_contradiction(talk: Conversation) -> None:
    claim = talk.claim()
    talk.acknowledge(claim)
    talk.reject(claim)

    assert [each.kind for each in equivocations(talk.messages)] == [Contradiction.ANSWERS_TO_ONE_CLAIM]


def test_the_same_answer_given_twice_contradicts_nothing(talk: Conversation) -> None:
    claim = talk.claim()
    talk.acknowledge(claim)
    talk.at += timedelta(minutes=1)
    talk.acknowledge(claim)

    assert equivocations(talk.messages) == ()


def test_two_requests_of_one_payee_under_one_session_are_a_contradiction(talk: Conversation) -> None:
    talk.say(a_request(eur("999")))

    assert [each.kind for each in equivocations(talk.messages)] == [Contradiction.REQUESTS_UNDER_ONE_SESSION]


def test_two_messages_under_one_id_are_a_contradiction(talk: Conversation) -> None:
    first = talk.claim(eur("20"))
    other = Recorded.of(replace(first.message, statement=Claim(talk.messages[0].digest, eur("90"))))

    assert [each.kind for each in equivocations([*talk.messages, other])] == [Contradiction.MESSAGES_UNDER_ONE_ID]


def test_two_parties_may_say_different_things(talk: Conversation) -> None:
    claim = talk.claim()
    talk.acknowledge(claim)
    talk.reject(claim, issuer=STRANGER)
    talk.say(a_request(eur("999")), issuer=STRANGER)
    talk.messages.append(Recorded.of(replace(claim.message, issuer=STRANGER)))

    assert equivocations(talk.messages) == ()


@given(conversations(), st.data())
def test_contradictions_are_those_of_the_set_in_whatever_order(talk: Conversation, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(talk.messages + data.draw(st.lists(st.sampled_from(talk.messages)))))

    assert equivocations(shuffled) == equivocations(talk.messages)


@given(conversations())
def test_who_was_found_stays_found_whatever_else_arrives(talk: Conversation) -> None:
    found: set[str] = set()
    for count in range(len(talk.messages)):
        now = {each.first.message.issuer for each in equivocations(talk.messages[:count])}
        assert found <= now
        found = now


@given(conversations())
def test_every_contradiction_is_proved_by_two_messages_of_one_issuer(talk: Conversation) -> None:
    for each in equivocations(talk.messages):
        assert each.first.message.issuer == each.second.message.issuer
        assert each.first.digest != each.second.digest


@given(conversations())
def test_exactly_who_answers_one_claim_in_two_ways_contradicts_itself(talk: Conversation) -> None:
    said: dict[tuple[str, bytes], set[str]] = {}
    for each in talk.messages:
        answer = each.message.statement
        if hasattr(answer, "claim_digest"):
            words = str(answer.amount) if isinstance(answer, Acknowledgement) else "no"
            said.setdefault((each.message.issuer, answer.claim_digest), set()).add(words)

    liars = {issuer for (issuer, _), answers in said.items() if len(answers) > 1}

    assert {each.first.message.issuer for each in equivocations(talk.messages)} == liars
