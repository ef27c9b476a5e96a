"""Several proofs of one document, and what a proof may say about itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.credentials import proofs, suites
from services.credentials.domain import Outcome, Verdict
from services.credentials.keys import IssuerKey
from services.credentials.proof_sets import PROOFS_MAX
from services.credentials.verification import Circumstances
from services.messages import multibase
from services.messages.document import Document, to_document
from tests.credentials.parties import (
    MALLORY,
    NOON,
    SERVICE,
    STRANGER,
    a_key,
    a_request,
    detail,
    failing,
    outcomes,
    sign_anything,
    verdict_on,
)

FIRST = "urn:uuid:00000000-0000-4000-8000-000000000001"
SECOND = "urn:uuid:00000000-0000-4000-8000-000000000002"
REQUEST = to_document(a_request())


def a_proof(key: IssuerKey = SERVICE, before: tuple[Document, ...] = (), **options: Any) -> Document:
    """A proof over the request, and over the proofs before it."""
    signed = {**REQUEST, "proof": list(before)} if before else REQUEST
    secured = sign_anything(signed, key, **options)
    proof: Document = secured["proof"]
    return proof


def verdict_with(*all_proofs: Document, now: datetime = NOON) -> Verdict:
    return verdict_on({**REQUEST, "proof": list(all_proofs)}, Circumstances(now, own={SERVICE.did}))


def test_every_proof_of_a_set_is_checked_and_the_verdict_says_how_many():
    verdict = verdict_with(a_proof(), a_proof(STRANGER))

    assert verdict.verified
    assert "all 2 proofs hold" in detail(verdict, "signature")
    assert "others did too" in detail(verdict, "key_control")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_proof_of_a_set_that_does_not_hold_fails_them_all(place):
    all_proofs = [a_proof(), a_proof(STRANGER), a_proof(MALLORY)]
    all_proofs[place] = {**all_proofs[place], "created": "2026-10-01T11:59:59Z"}

    assert failing(verdict_with(*all_proofs)) == {"signature"}


def test_a_set_of_both_suites_holds():
    key = a_key(suites.ECDSA_P256)

    assert verdict_with(a_proof(), a_proof(key)).verified


def test_a_proof_that_cannot_be_checked_leaves_the_set_unknown():
    foreign = a_proof(MALLORY, verificationMethod="did:web:mallory.example#1")

    assert outcomes(verdict_with(a_proof(), foreign))["signature"] is Outcome.UNKNOWN
    assert outcomes(verdict_with(foreign, a_proof(created="yesterday")))["signature"] is Outcome.FAIL


def test_a_chain_holds_link_by_link():
    first = a_proof(id=FIRST)
    second = a_proof(STRANGER, (first,), id=SECOND, previousProof=FIRST)
    for order in ([FIRST, SECOND], [SECOND, FIRST]):
        third = a_proof(MALLORY, (first, second), previousProof=order)

        assert verdict_with(first, second, third).verified


def test_a_chain_whose_first_link_is_missing_fails():
    first = a_proof(id=FIRST)
    second = a_proof(STRANGER, (first,), previousProof=FIRST)

    assert failing(verdict_with(second)) == {"signature", "key_control"}
    assert failing(verdict_with(a_proof(), second)) == {"signature"}


def test_a_chain_whose_first_link_was_swapped_fails():
    first = a_proof(id=FIRST)
    second = a_proof(STRANGER, (first,), previousProof=FIRST)

    assert failing(verdict_with(a_proof(id=FIRST, nonce="1"), second)) == {"signature"}


def test_a_name_that_two_proofs_have_leads_nowhere():
    first = a_proof(id=FIRST)
    second = a_proof(STRANGER, (first,), previousProof=FIRST)

    assert failing(verdict_with(first, first, second)) == {"signature"}


def test_two_proofs_that_each_come_after_the_other_fail():
    one, other = (a_proof(id=mine, previousProof=other) for mine, other in ((FIRST, SECOND), (SECOND, FIRST)))

    assert failing(verdict_with(one, other)) == {"signature"}


@pytest.mark.parametrize(
    "junk", [None, 1, "", [], {}, [None], [[FIRST]], [FIRST] * 1000, [FIRST, FIRST], {"id": FIRST}]
)
def test_junk_for_the_proof_before_fails_and_raises_nothing(junk):
    assert failing(verdict_with(a_proof(id=FIRST), a_proof(previousProof=junk))) == {"signature"}


@pytest.mark.parametrize("name", [None, 1, [], {}, [FIRST], {"id": FIRST}])
def test_a_name_that_is_no_text_leads_nowhere(name):
    assert failing(verdict_with(a_proof(id=name), a_proof(previousProof=[name]))) == {"signature"}


def test_no_more_proofs_are_read_than_can_be_checked_in_time():
    assert verdict_with(*[a_proof()] * PROOFS_MAX).verified
    assert failing(verdict_with(*[a_proof()] * (PROOFS_MAX + 1))) == {"parse"}


def test_a_proof_holds_until_it_expires_by_its_own_account():
    proof = a_proof(expires="2026-10-01T14:00:00.5+02:00")

    assert verdict_with(proof).verified
    assert failing(verdict_with(proof, now=NOON + timedelta(milliseconds=500))) == {"signature"}
    assert "expired" in detail(verdict_with(proof, now=NOON + timedelta(seconds=1)), "signature")


@pytest.mark.parametrize("options", [{"id": FIRST}, {"nonce": "x"}, {"created": "2026-10-01T13:00:00.123+01:00"}])
def test_what_a_proof_may_say_about_itself(options):
    assert verdict_with(a_proof(**options)).verified


@pytest.mark.parametrize(
    "options",
    [
        {"challenge": "42"},
        {"domain": "shop.example"},
        {"domain": []},
        {"expires": "tomorrow"},
        {"expires": None},
        {"created": "2026-10-01T12:00:00"},
        {"created": 1},
        {"proofPurpose": "authentication"},
        {"@context": REQUEST["@context"][:1]},
        {"@context": None},
        {"termsOfUse": "all yours"},
        {"nonce": 1e20},
        {"nonce": ["x"]},
        {"id": 1},
    ],
    ids=str,
)
def test_what_a_proof_of_a_credential_may_not_say(options):
    assert "signature" in failing(verdict_with(a_proof(**options)))


def test_a_document_without_contexts_is_signed_without_them():
    document = {"statement": "anything at all"}

    secured, hashed = proofs.secure(document, SERVICE, "2026-10-01T12:00:00Z")

    assert "@context" not in secured["proof"]
    proofs.check(document, hashed, secured["proof"])


def test_a_proof_need_not_repeat_the_contexts_that_its_document_has():
    """vc-di-eddsa 1.0, section 3.3.2: the document's hash covers them."""
    proof = sign_anything({**REQUEST}, SERVICE)["proof"]
    config = {name: value for name, value in proof.items() if name not in ("@context", "proofValue")}
    signature = SERVICE.sign(proofs.combined_hash(config, proofs.document_hash(REQUEST)))

    assert verdict_with({**config, "proofValue": multibase.encode(signature)}).verified
