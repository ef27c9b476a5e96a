"""Where the peer takes what we refuse, on purpose. When one of these fails, somebody has changed their mind."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

import pytest

from services.credentials import proofs
from services.credentials.domain import Outcome
from services.messages import multibase
from services.messages.document import Document
from tests.credentials.parties import detail, outcomes, verdict_on
from tests.interop.asking import Answer, ask
from tests.interop.documents import CREATED, credentials
from tests.interop.keys import ED25519

SETTINGS = {"cryptosuite": ED25519.cryptosuite, "key": ED25519.to_multikey(), "created": CREATED}
DOCUMENT = credentials(ED25519.did)[0]


def _secured(document: Document = DOCUMENT, **changes: Any) -> Document:
    """With a proof made correctly over whatever the proof is told to say."""
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": ED25519.cryptosuite,
        "created": CREATED,
        "verificationMethod": ED25519.verification_method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
        **changes,
    }
    signature = ED25519.sign(proofs.combined_hash(config, proofs.document_hash(document)))
    return {**document, "proof": {**config, "proofValue": multibase.encode(signature)}}


def _in_base64url(secured: Document) -> Document:
    raw = multibase.decode(secured["proof"]["proofValue"], 64)
    spelt = "u" + urlsafe_b64encode(raw).decode().rstrip("=")
    return {**secured, "proof": {**secured["proof"], "proofValue": spelt}}


def _with_a_bad_proof_beside(secured: Document) -> Document:
    return {**secured, "proof": [secured["proof"], {**secured["proof"], "proofValue": multibase.encode(bytes(64))}]}


# Each with a word of the reason that we give.
TAKEN_BY_THE_PEER_ALONE = {
    # The suites drop it, and who reads the document with all its contexts reads other words than were signed.
    "a context behind those that were signed": (
        {**_secured(), "@context": [*DOCUMENT["@context"], "https://mallory.example/v1"]},
        "contexts",
    ),
    # The suites say base58; with two spellings of a proof, equal credentials are no longer equal bytes.
    "a signature in base64url": (_in_base64url(_secured()), "base58"),
    "a proof that is over by its own account": (_secured(expires="2020-01-01T00:00:00Z"), "expired"),
    "a statement made for one verifier": (_secured(challenge="f8b7c9d1", domain="pay.example.org"), "challenge"),
    "a field that no specification knows": (_secured(honour="this"), "other fields"),
    "a date without its time zone": (_secured(created="2026-10-01T12:00:00"), "dates"),
    "one good proof among bad ones": (_with_a_bad_proof_beside(_secured()), "does not fit"),
    "a proof after one that is not there": (_secured(previousProof="urn:uuid:9"), "previousProof"),
}


@pytest.mark.parametrize("case", TAKEN_BY_THE_PEER_ALONE)
def test_the_peer_takes_what_we_refuse(case):
    secured, because = TAKEN_BY_THE_PEER_ALONE[case]
    verdict = verdict_on(secured)

    assert the_peers_verdicts()[case]["verified"], the_peers_verdicts()[case]
    assert outcomes(verdict)["signature"] is Outcome.FAIL
    assert because in detail(verdict, "signature")


def test_neither_of_us_takes_a_credential_that_somebody_else_than_its_issuer_signed():
    """The peer's proofs alone know no issuers; its library of credentials does."""
    other = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    genuine, forged = _secured(), _secured({**DOCUMENT, "issuer": other})

    answers = ask("verify.js", {**SETTINGS, "credential": True}, [genuine, forged])

    assert [answer["verified"] for answer in answers] == [True, False]
    assert ask("verify.js", SETTINGS, [forged])[0]["verified"]
    assert outcomes(verdict_on(forged))["key_control"] is Outcome.FAIL


def test_an_integer_that_javascript_rounds_is_taken_by_the_peer_and_refused_by_us():
    """9007199254740993 is read as ...992 there, so that one can be changed into the other; RFC 7493 has neither."""
    document = {**DOCUMENT, "credentialSubject": {"account": 9007199254740992}}
    text = json.dumps(ask("sign.js", SETTINGS, [document])[0]["secured"])
    changed = text.replace("9007199254740992", "9007199254740993")

    assert ask("verify.js", SETTINGS, [json.loads(changed)])[0]["verified"]
    assert outcomes(verdict_on(text))["parse"] is Outcome.FAIL
    assert outcomes(verdict_on(changed))["parse"] is Outcome.FAIL


@cache
def the_peers_verdicts() -> dict[str, Answer]:
    cases = [secured for secured, _ in TAKEN_BY_THE_PEER_ALONE.values()]
    return dict(zip(TAKEN_BY_THE_PEER_ALONE, ask("verify.js", SETTINGS, cases), strict=True))
