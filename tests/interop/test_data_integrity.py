"""Proofs of the JCS suites: what we sign the peers verify, what they sign we verify, and nobody takes a change."""

from __future__ import annotations

import json
from functools import cache

import pytest

from services.credentials import proofs
from services.credentials.domain import Outcome
from services.credentials.issuing import issue
from services.messages import multibase
from services.messages.document import Document
from tests.credentials.parties import failing, outcomes, verdict_on
from tests.interop.asking import Answer, ask
from tests.interop.documents import CREATED, credentials, documents, messages
from tests.interop.keys import ED25519, KEYS
from tests.interop.tampering import changed

each_suite = pytest.mark.parametrize("suite", KEYS)
# FIPS 186-5, the orders of the curves.
ORDERS = {
    "ecdsa-jcs-2019 with P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ecdsa-jcs-2019 with P-384": int(f"{'F' * 48}C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
}


@each_suite
def test_the_peer_verifies_what_we_sign(suite):
    answers = the_peers_verdicts(suite)[: len(signed_by_us(suite))]

    assert [answer for answer in answers if not answer["verified"]] == []


@each_suite
def test_the_peer_refuses_what_was_changed_after_we_signed_it(suite):
    secured = changed(signed_by_us(suite))
    answers = the_peers_verdicts(suite)[-len(secured) :]

    assert [each for each, answer in zip(secured, answers, strict=True) if answer["verified"]] == []


@each_suite
def test_we_verify_what_the_peer_signs(suite):
    for secured in signed_by_the_peer(suite):
        found = outcomes(verdict_on(secured))
        assert (found["signature"], found["key_control"]) == (Outcome.PASS, Outcome.PASS), secured


@each_suite
def test_we_refuse_what_was_changed_after_the_peer_signed_it(suite):
    for secured in changed([*signed_by_the_peer(suite), *signed_by_us(suite)]):
        verdict = verdict_on(secured)
        assert not verdict.verified, secured
        assert outcomes(verdict)["signature"] is not Outcome.PASS, secured


@each_suite
def test_a_message_that_the_peer_signs_is_verified_as_a_whole(suite):
    """The peer's proof has its fields in another order and a signature of its own; the message is the same."""
    for message, secured in zip(messages(KEYS[suite].did), signed_by_the_peer(suite), strict=False):
        verdict = verdict_on(secured)
        assert verdict.verified, (message, failing(verdict))


@pytest.mark.parametrize("suite", ORDERS)
def test_the_peer_writes_both_twins_of_an_ecdsa_signature_and_we_take_either(suite):
    """WebCrypto leaves S as it comes, so that it is high half of the time; all of these were verified above."""
    proof_values = [secured["proof"]["proofValue"] for secured in signed_by_the_peer(suite)]
    high = [value for value in proof_values if _s(value, ORDERS[suite]) > ORDERS[suite] // 2]

    assert len(proof_values) * 0.3 < len(high) < len(proof_values) * 0.7


def test_the_peer_makes_the_very_signature_that_we_make_with_ed25519():
    """Deterministic, so that equal bytes say that both canonical forms, both hashes and their order are the same."""
    ours = [secured["proof"]["proofValue"] for secured in signed_by_us("eddsa-jcs-2022")]
    theirs = [secured["proof"]["proofValue"] for secured in signed_by_the_peer("eddsa-jcs-2022")]
    count = len(credentials(ED25519.did))  # The messages have proofs of another date.

    assert ours[-count:] == theirs[-count:]


@cache
def signed_by_us(suite: str) -> list[Document]:
    """The messages as the service issues them, and whatever else by the same code."""
    key = KEYS[suite]
    issued = [json.loads(issue(message, key).json) for message in messages(key.did)]
    return issued + [proofs.secure(document, key, CREATED)[0] for document in credentials(key.did)]


@cache
def signed_by_the_peer(suite: str) -> list[Document]:
    key = KEYS[suite]
    settings = {"cryptosuite": key.cryptosuite, "key": key.to_multikey(), "created": CREATED}
    answers = ask("sign.js", settings, documents(key.did))
    assert [answer for answer in answers if "secured" not in answer] == []
    return [answer["secured"] for answer in answers]


@cache
def the_peers_verdicts(suite: str) -> list[Answer]:
    """On what we signed, and then on the same with a change."""
    secured = signed_by_us(suite)
    return ask("verify.js", {"cryptosuite": KEYS[suite].cryptosuite}, [*secured, *changed(secured)])


def _s(proof_value: str, order: int) -> int:
    half = order.bit_length() // 8
    return int.from_bytes(multibase.decode(proof_value, 2 * half)[half:], "big")
