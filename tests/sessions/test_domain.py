"""The rules of the conversation, one at a time and then for all conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.messages.message import Acknowledgement, Claim, Party
from services.messages.money import Money
from services.messages.refusals import InvalidText
from services.sessions import domain
from services.sessions.domain import ClaimStatus, Recorded, Status, fold
from services.sessions.refusals import (
    ClaimAlreadyAcknowledged,
    ClaimAlreadyRejected,
    ClaimAltered,
    ClaimNotFound,
    CurrencyMismatch,
    ExpiryOutOfRange,
    MethodNotOffered,
    SessionCancelled,
    SessionExpired,
    SessionSettled,
    SignatureRequired,
    TooManyClaims,
)
from tests.conversations import HOST, NOON, STRANGER, Conversation, a_request, eur, folded

LATER = timedelta(days=8)


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation()
    talk.request(eur("120"))
    return talk


def test_a_claim_does_not_change_what_is_paid(talk: Conversation) -> None:
    talk.claim(eur("120"))

    assert talk.session().paid == Money.zero("EUR")
    assert talk.session().status(NOON) is Status.PENDING


def test_an_acknowledgement_books_what_was_received_not_what_was_claimed(talk: Conversation) -> None:
    talk.acknowledge(talk.claim(eur("120")), eur("119.50"))

    assert talk.session().paid == eur("119.50")
    assert talk.session().status(NOON) is Status.PARTIALLY_RECEIVED


def test_two_parts_make_the_whole_and_more_is_kept(talk: Conversation) -> None:
    talk.acknowledge(talk.claim(eur("70")))
    talk.acknowledge(talk.claim(eur("50")))
    assert talk.session().status(NOON) is Status.RECEIVED

    talk.acknowledge(talk.claim(eur("5")))
    assert talk.session().paid == eur("125")


def test_a_claim_made_in_time_may_be_acknowledged_late_and_is_marked(talk: Conversation) -> None:
    claim = talk.claim()
    talk.at += LATER
    talk.acknowledge(claim)

    assert talk.session().claims[0].late
    assert talk.session().status(talk.at) is Status.RECEIVED


def test_a_claim_made_before_the_cancellation_may_be_acknowledged_and_is_marked(talk: Conversation) -> None:
    claim = talk.claim(eur("20"))
    talk.at += timedelta(minutes=1)
    talk.cancel()
    talk.at += timedelta(minutes=1)
    talk.acknowledge(claim)

    assert talk.session().claims[0].late
    assert talk.session().paid == eur("20")
    assert talk.session().status(talk.at) is Status.CANCELLED


def test_time_alone_expires_a_session_but_not_one_that_received_money(talk: Conversation) -> None:
    assert talk.session().status(NOON + LATER) is Status.EXPIRED
    talk.acknowledge(talk.claim(eur("1")))
    assert talk.session().status(NOON + LATER) is Status.PARTIALLY_RECEIVED


def test_a_session_expires_at_the_very_second(talk: Conversation) -> None:
    session = talk.session()

    assert session.status(session.request.expires_at - timedelta(seconds=1)) is Status.PENDING
    assert session.status(session.request.expires_at) is Status.EXPIRED


def test_pitfall_1_only_the_payee_answers(talk: Conversation) -> None:
    """Holding the claim is not enough: an answer of anybody else is not part of the session."""
    claim = talk.claim()
    talk.acknowledge(claim, issuer=STRANGER)
    talk.reject(claim, issuer=STRANGER)
    talk.cancel(issuer=STRANGER)

    assert talk.session().claims[0].status is ClaimStatus.PENDING
    assert talk.session().cancellation is None
    assert talk.session().sequence == 2


def test_a_request_in_the_name_of_a_did_counts_only_when_it_signed() -> None:
    talk = Conversation()
    talk.say(a_request(payee=Party.did(STRANGER, "payee")))
    assert fold(talk.messages) is None

    talk.say(a_request(payee=Party.did(STRANGER, "payee")), issuer=STRANGER)
    assert fold(talk.messages) is not None


def test_a_claim_in_the_name_of_a_did_counts_only_when_it_signed(talk: Conversation) -> None:
    talk.claim(payer=Party.did(STRANGER, "payer"))
    assert talk.session().claims == ()

    talk.claim(payer=Party.did(STRANGER, "payer"), issuer=STRANGER)
    assert len(talk.session().claims) == 1


def test_pitfall_5_an_answer_is_bound_to_the_very_claim(talk: Conversation) -> None:
    claim = talk.claim()
    talk.say(Acknowledgement(claim.message.id, bytes(32), eur("120")))

    assert talk.session().claims[0].status is ClaimStatus.PENDING


def test_a_claim_is_bound_to_the_very_request(talk: Conversation) -> None:
    talk.say(Claim(bytes(32), eur("120")))

    assert talk.session().claims == ()


def test_a_message_of_another_session_is_not_part_of_this_one(talk: Conversation) -> None:
    claim = talk.claim()
    talk.say(Acknowledgement(claim.message.id, claim.digest, eur("1")), session_id=talk.new_id())

    assert talk.session().paid == Money.zero("EUR")


def test_a_claim_after_the_expiry_is_not_part_of_the_session(talk: Conversation) -> None:
    talk.at += LATER
    talk.claim()

    assert talk.session().claims == ()


def test_the_first_answer_to_a_claim_stands(talk: Conversation) -> None:
    claim = talk.claim()
    talk.reject(claim)
    talk.acknowledge(claim)

    assert talk.session().claims[0].status is ClaimStatus.REJECTED
    assert talk.session().paid == Money.zero("EUR")


def test_a_message_id_is_used_once(talk: Conversation) -> None:
    first = talk.claim(eur("20"))
    other = Recorded.of(replace(first.message, statement=Claim(talk.messages[0].digest, eur("90"))))
    talk.messages.append(other)

    assert len(talk.session().claims) == 1


def test_a_service_speaks_for_parties_without_a_key_only() -> None:
    domain.may_speak_for(Party("Ana"), "payee")
    domain.may_speak_for(None, "payer")
    with pytest.raises(SignatureRequired):
        domain.may_speak_for(Party.did(STRANGER, "payer"), "payer")


def test_what_may_open_a_session() -> None:
    domain.may_open(a_request(), NOON)
    for lifetime in (timedelta(seconds=59), timedelta(days=-1), timedelta(days=367)):
        with pytest.raises(ExpiryOutOfRange):
            domain.may_open(a_request(lifetime=lifetime), NOON)


def test_what_a_claim_is_refused_for(talk: Conversation) -> None:
    claim = Claim(talk.messages[0].digest, eur("1"))
    domain.may_claim(talk.session(), claim, NOON)

    with pytest.raises(CurrencyMismatch):
        domain.may_claim(talk.session(), replace(claim, amount=Money.parse("1", "USD")), NOON)
    with pytest.raises(MethodNotOffered):
        domain.may_claim(talk.session(), replace(claim, method="BTC"), NOON)
    with pytest.raises(SessionExpired):
        domain.may_claim(talk.session(), claim, NOON + LATER)
    talk.cancel()
    with pytest.raises(SessionCancelled):
        domain.may_claim(talk.session(), claim, NOON)


def test_claims_that_nobody_answers_do_not_pile_up_without_end(talk: Conversation) -> None:
    names = [Party.handle(f"payer {number % 10}", "payer") for number in range(domain.UNANSWERED_CLAIMS_MAX)]
    claims = [talk.claim(eur("1"), payer=name) for name in names]
    claim = Claim(talk.messages[0].digest, eur("1"))
    with pytest.raises(TooManyClaims):
        domain.may_claim(talk.session(), claim, NOON)

    talk.reject(claims[0])
    domain.may_claim(talk.session(), claim, NOON)


@pytest.mark.parametrize("payer", [None, Party("Mallory"), Party("did:key:z6MkMallory")])
def test_one_payer_who_claims_again_and_again_leaves_room_for_others(talk: Conversation, payer: Party | None) -> None:
    issuer = payer.identity if payer and payer.is_did else HOST
    for _ in range(domain.UNANSWERED_OF_ONE_PAYER_MAX):
        claim = talk.claim(eur("1"), payer=payer, issuer=issuer)
    assert isinstance(claim.message.statement, Claim)

    with pytest.raises(TooManyClaims):
        domain.may_claim(talk.session(), claim.message.statement, NOON)
    domain.may_claim(talk.session(), replace(claim.message.statement, payer=Party("Ben")), NOON)
    talk.acknowledge(claim)
    domain.may_claim(talk.session(), claim.message.statement, NOON)


def test_what_an_answer_is_refused_for(talk: Conversation) -> None:
    yes, no = talk.claim(eur("1")), talk.claim(eur("2"))
    talk.acknowledge(yes)
    talk.reject(no)
    session = talk.session()

    with pytest.raises(ClaimAlreadyAcknowledged):
        domain.acknowledge(session, yes.message.id, None, None)
    with pytest.raises(ClaimAlreadyRejected):
        domain.reject(session, no.message.id, "")
    with pytest.raises(ClaimNotFound):
        domain.reject(session, talk.new_id(), "")
    open_claim = talk.claim(eur("3"))
    with pytest.raises(ClaimAltered):
        domain.acknowledge(talk.session(), open_claim.message.id, bytes(32), None)
    with pytest.raises(CurrencyMismatch):
        domain.acknowledge(talk.session(), open_claim.message.id, None, Money.parse("3", "USD"))


def test_what_a_cancellation_is_refused_for(talk: Conversation) -> None:
    talk.acknowledge(talk.claim(eur("120")))
    with pytest.raises(SessionSettled):
        domain.cancel(talk.session(), "")

    other = Conversation()
    other.request()
    other.cancel()
    with pytest.raises(SessionCancelled):
        domain.cancel(other.session(), "")


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Anything the two, and a stranger, might say: in time and late, linked and not."""
    talk = Conversation()
    talk.request(eur("120"))
    claims: list[Recorded] = []
    for act in draw(st.lists(st.sampled_from("ccccaaaarxsw"), max_size=12)):
        amount = eur(f"{draw(st.integers(1, 20000)) / 100:.2f}")
        issuer = draw(st.sampled_from([talk.messages[0].message.issuer] * 4 + [STRANGER]))
        talk.at += timedelta(seconds=draw(st.integers(0, 3)))
        if act == "c":
            claims.append(talk.claim(amount))
        elif act == "a" and claims:
            talk.acknowledge(draw(st.sampled_from(claims)), amount, issuer=issuer)
        elif act == "r" and claims:
            talk.reject(draw(st.sampled_from(claims)), issuer=issuer)
        elif act == "x":
            talk.cancel(issuer=issuer)
        elif act == "w":
            talk.at += timedelta(days=draw(st.integers(0, 8)))
    return talk


@given(conversations(), st.data())
def test_messages_in_any_order_and_twice_give_one_session(talk: Conversation, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(talk.messages)))
    shuffled = data.draw(st.permutations(talk.messages + again))

    assert fold(shuffled) == talk.session()


@given(conversations())
def test_what_is_paid_is_the_sum_of_the_acknowledgements_that_stand(talk: Conversation) -> None:
    session = talk.session()
    answers = [each.answer.statement for each in session.claims if each.answer]
    amounts = [each.amount.minor_units for each in answers if isinstance(each, Acknowledgement)]

    assert session.paid.minor_units == sum(amounts)
    assert len({each.claim_id for each in answers if isinstance(each, Acknowledgement)}) == len(amounts)


@given(conversations())
def test_a_message_that_counts_makes_the_sequence_one_longer_and_no_other_does(talk: Conversation) -> None:
    sequences = [folded(talk.messages[: n + 1]).sequence for n in range(len(talk.messages))]

    assert sequences[0] == 1
    assert all(after - before in (0, 1) for before, after in pairwise(sequences))


def test_nobody_new_goes_by_a_name_that_looks_like_a_did() -> None:
    domain.may_be_called(Party("Didier"), "payer")
    domain.may_be_called(None, "payer")
    with pytest.raises(InvalidText, match="looks like a DID"):
        domain.may_be_called(Party("\u0501\u0456\u0501:key:z6Mk"), "payer")
