"""Trust, authority and links: verified is not accepted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from services.credentials.domain import Outcome, Verdict
from services.credentials.verification import Circumstances
from services.messages.message import Acknowledgement, Message
from tests.credentials.parties import (
    MALLORY,
    NOON,
    OTHER_SESSION,
    SERVICE,
    STRANGER,
    a_cancellation,
    a_claim,
    a_key,
    a_rejection,
    a_request,
    an_acknowledgement,
    outcomes,
    signed,
    verdict_on,
)

OWN = frozenset({SERVICE.did})
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def verdict(
    message: Message,
    conversation: Collection[Message] = (),
    *,
    own: Collection[str] = OWN,
    trusted: Collection[str] = (),
) -> Verdict:
    return verdict_on(signed(message).json, Circumstances(NOON, own, trusted, tuple(conversation)))


def outcome(name: str, message: Message, conversation: Collection[Message] = (), **trust: Collection[str]) -> Outcome:
    return outcomes(verdict(message, conversation, **trust))[name]


def test_a_strangers_credential_is_verified_and_not_accepted():
    found = verdict(a_request(STRANGER.did))

    assert found.verified
    assert not found.accepted
    assert outcomes(found)["trust"] is UNKNOWN
    assert outcomes(found)["issuer_authority"] is UNKNOWN


def test_an_issuer_that_is_listed_is_trusted():
    found = verdict(a_request(STRANGER.did), trusted={STRANGER.did})

    assert found.accepted


def test_an_issuer_that_is_not_listed_fails_once_there_is_a_list():
    assert outcome("trust", a_request(STRANGER.did), trusted={MALLORY.did}) is FAIL
    assert outcome("trust", a_request(SERVICE.did), trusted={MALLORY.did}) is PASS


def test_a_retired_key_of_this_service_stays_good():
    retired = a_key("ecdsa-jcs-2019", 9)
    message = a_request(retired.did)

    found = verdict_on(signed(message, retired).json, Circumstances(NOON, own={SERVICE.did, retired.did}))

    assert found.accepted


def test_a_party_with_a_did_speaks_for_itself_even_when_nobody_vouches():
    request = a_request(STRANGER.did, payee=STRANGER.did)

    assert outcome("issuer_authority", request) is PASS
    assert outcome("trust", request) is UNKNOWN


def test_nobody_speaks_for_a_party_with_a_did_however_trusted():
    assert outcome("issuer_authority", a_request(SERVICE.did, payee=STRANGER.did)) is FAIL
    claim = a_claim(a_request(), SERVICE.did, payer=STRANGER.did)
    assert outcome("issuer_authority", claim) is FAIL


@pytest.mark.parametrize("payer", ["Bob", None])
def test_a_trusted_issuer_vouches_for_a_payer_without_a_did(payer):
    request = a_request()

    assert outcome("issuer_authority", a_claim(request, SERVICE.did, payer)) is PASS
    assert outcome("issuer_authority", a_claim(request, STRANGER.did, payer)) is UNKNOWN


def test_a_conversation_on_this_service_is_accepted_to_its_end():
    request = a_request()
    claim = a_claim(request)

    assert verdict(claim, [request]).accepted
    assert verdict(an_acknowledgement(claim), [claim, request]).accepted
    assert verdict(a_rejection(claim), [claim, request]).accepted
    assert verdict(a_cancellation(request), [request]).accepted


@pytest.mark.parametrize("answer", [an_acknowledgement, a_rejection])
def test_pitfall_1_holding_a_claim_gives_nobody_the_right_to_answer_it(answer):
    request = a_request()
    claim = a_claim(request)

    found = verdict(answer(claim, MALLORY.did), [claim, request])

    assert found.verified
    assert outcomes(found)["issuer_authority"] is FAIL


def test_pitfall_1_only_the_payee_takes_a_request_back():
    request = a_request(STRANGER.did, payee=STRANGER.did)

    assert outcome("issuer_authority", a_cancellation(request, STRANGER.did), [request]) is PASS
    assert outcome("issuer_authority", a_cancellation(request, MALLORY.did), [request]) is FAIL
    assert outcome("issuer_authority", a_cancellation(request, SERVICE.did), [request]) is FAIL


def test_a_payee_with_a_did_answers_with_it():
    request = a_request(STRANGER.did, payee=STRANGER.did)
    claim = a_claim(request)

    assert outcome("issuer_authority", an_acknowledgement(claim, STRANGER.did), [claim, request]) is PASS
    assert outcome("issuer_authority", an_acknowledgement(claim, SERVICE.did), [claim, request]) is FAIL


def test_a_service_that_changed_its_key_still_speaks_for_its_payee():
    request = a_request(SERVICE.did)
    claim = a_claim(request)
    answer = an_acknowledgement(claim, STRANGER.did)

    assert outcome("issuer_authority", answer, [claim, request], own={SERVICE.did, STRANGER.did}) is PASS


def test_who_may_answer_is_unknown_while_the_request_is():
    request = a_request()
    claim = a_claim(request)

    assert outcome("issuer_authority", an_acknowledgement(claim), [claim]) is UNKNOWN
    assert outcome("issuer_authority", an_acknowledgement(claim)) is UNKNOWN
    assert outcome("issuer_authority", a_cancellation(request)) is UNKNOWN


def test_a_request_opens_the_conversation():
    assert outcome("link", a_request()) is PASS


def test_a_link_to_what_is_not_known_here_is_unknown_and_never_passes():
    assert outcome("link", a_claim(a_request())) is UNKNOWN


def test_a_link_to_another_session_fails():
    request = replace(a_request(), session_id=OTHER_SESSION)

    assert outcome("link", a_claim(request), [request]) is FAIL


def test_a_link_to_a_message_of_the_wrong_kind_fails():
    request = a_request()
    claim = a_claim(request)

    assert outcome("link", a_claim(claim), [claim, request]) is FAIL
    assert outcome("link", an_acknowledgement(request), [request]) is FAIL
    assert outcome("link", a_cancellation(claim), [claim, request]) is FAIL


def test_pitfall_5_a_receipt_names_its_claim_by_id_and_digest_both():
    request = a_request()
    claim = a_claim(request)
    answer = an_acknowledgement(claim)
    assert isinstance(answer.statement, Acknowledgement)
    swapped = replace(answer, statement=replace(answer.statement, claim_id=request.id))

    assert outcome("link", swapped, [claim, request]) is FAIL
    assert outcome("issuer_authority", swapped, [claim, request]) is UNKNOWN


def test_authority_does_not_come_over_a_link_that_fails():
    request = a_request()
    claim = replace(a_claim(request), session_id=OTHER_SESSION)
    answer = replace(an_acknowledgement(claim), session_id=OTHER_SESSION)

    assert outcome("link", answer, [claim, request]) is PASS
    assert outcome("issuer_authority", answer, [claim, request]) is UNKNOWN
