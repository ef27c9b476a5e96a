"""The JCS suites once more, against did-webvh: a canonical form, hashes and signatures in Python and Rust."""

from __future__ import annotations

import json
from functools import cache

import pytest

from services.credentials import proofs
from services.credentials.domain import Outcome
from services.messages.document import Document
from tests.credentials.parties import outcomes, verdict_on
from tests.interop.asking import Answer, ask
from tests.interop.documents import CREATED, documents
from tests.interop.keys import ED25519, KEYS
from tests.interop.tampering import changed

each_suite = pytest.mark.parametrize("suite", KEYS)


@each_suite
def test_did_webvh_verifies_what_we_sign(suite):
    answers = the_peers_verdicts(suite)[: len(signed_by_us(suite))]

    assert [answer for answer in answers if not answer["verified"]] == []


@each_suite
def test_did_webvh_refuses_what_was_changed_after_we_signed_it(suite):
    secured = changed(signed_by_us(suite))
    answers = the_peers_verdicts(suite)[-len(secured) :]

    assert [each for each, answer in zip(secured, answers, strict=True) if answer["verified"]] == []


@each_suite
def test_we_verify_what_did_webvh_signs(suite):
    """It writes no contexts into its proofs, and the document's own are signed with the document."""
    for secured in signed_by_the_peer(suite):
        assert "@context" not in secured["proof"]
        assert outcomes(verdict_on(secured))["signature"] is Outcome.PASS, secured


@each_suite
def test_we_refuse_what_was_changed_after_did_webvh_signed_it(suite):
    for secured in changed(signed_by_the_peer(suite)):
        assert outcomes(verdict_on(secured))["signature"] is not Outcome.PASS, secured


def test_did_webvh_writes_fractions_below_a_ten_thousandth_otherwise_than_rfc_8785():
    """Its canonical form has Python's 1e-05 where ECMAScript has 0.00001; the npm packages write what we write."""
    document = {**documents(ED25519.did)[-1], "credentialSubject": {"fraction": 0.00001}}
    ours = proofs.secure(document, ED25519, CREATED)[0]
    settings = {"cryptosuite": ED25519.cryptosuite, "key": ED25519.to_multikey(), "created": CREATED}

    assert ask("sign.js", settings, [document])[0]["secured"]["proof"] == ours["proof"]
    assert not ask("webvh.py", {"do": "verify"}, [ours])[0]["verified"]


@cache
def signed_by_us(suite: str) -> list[Document]:
    key = KEYS[suite]
    return [proofs.secure(document, key, CREATED)[0] for document in shared(suite)]


@cache
def signed_by_the_peer(suite: str) -> list[Document]:
    key = KEYS[suite]
    settings = {"do": "sign", "algorithm": key.algorithm, "secret": key.secret.hex(), "created": CREATED}
    return [answer["secured"] for answer in ask("webvh.py", settings, shared(suite))]


@cache
def the_peers_verdicts(suite: str) -> list[Answer]:
    """On what we signed, and then on the same with a change."""
    secured = signed_by_us(suite)
    return ask("webvh.py", {"do": "verify"}, [*secured, *changed(secured)])


def shared(suite: str) -> list[Document]:
    """The 300 documents without the fractions that are known to be written in two ways."""

    def parse_float(digits: str) -> float:
        return float(digits) if float(digits) == 0 or abs(float(digits)) >= 0.0001 else 0.5

    return [json.loads(json.dumps(document), parse_float=parse_float) for document in documents(KEYS[suite].did)]
