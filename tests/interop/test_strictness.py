"""Where the peers take what we refuse, on purpose. When one of these fails, somebody has changed their mind."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from services.credentials import multibase
from services.credentials.domain import Outcome
from services.messages.document import Document
from tests.credentials.parties import detail, outcomes, verdict_on
from tests.interop.asking import ask
from tests.interop.documents import CREATED, credentials
from tests.interop.keys import ED25519


@pytest.fixture(scope="module")
def genuine() -> Document:
    settings = {"cryptosuite": ED25519.cryptosuite, "key": ED25519.to_multikey(), "created": CREATED}
    secured: Document = ask("sign.js", settings, credentials(ED25519.did)[:1])[0]["secured"]
    return secured


def test_a_context_put_behind_the_signed_ones_is_dropped_by_the_peer_and_refused_by_us(genuine):
    """The suites allow it; whoever reads the document with all its contexts reads other words than were signed."""
    _only_the_peer_takes({**genuine, "@context": [*genuine["@context"], "https://mallory.example/v1"]}, "contexts")


def test_a_signature_in_base64url_is_taken_by_the_peer_and_refused_by_us(genuine):
    """The suites say base58; with two spellings of one proof, equal credentials are no longer equal bytes."""
    raw = multibase.decode(genuine["proof"]["proofValue"], 64)
    spelt = "u" + urlsafe_b64encode(raw).decode().rstrip("=")
    _only_the_peer_takes({**genuine, "proof": {**genuine["proof"], "proofValue": spelt}}, "base58")


def test_an_integer_that_javascript_rounds_is_taken_by_the_peer_and_refused_by_us():
    """9007199254740993 is read as ...992 there, which has a canonical form; RFC 7493 leaves such numbers out."""
    document = {**credentials(ED25519.did)[0], "credentialSubject": {"account": 9007199254740992}}
    settings = {"cryptosuite": ED25519.cryptosuite, "key": ED25519.to_multikey(), "created": CREATED}
    text = json.dumps(ask("sign.js", settings, [document])[0]["secured"])
    changed = text.replace("9007199254740992", "9007199254740993")

    assert ask("verify.js", settings, [json.loads(changed)])[0]["verified"]
    assert outcomes(verdict_on(text))["parse"] is Outcome.FAIL
    assert outcomes(verdict_on(changed))["parse"] is Outcome.FAIL


def _only_the_peer_takes(secured: Document, because: str) -> None:
    answer = ask("verify.js", {"cryptosuite": ED25519.cryptosuite}, [secured])[0]
    verdict = verdict_on(secured)

    assert answer["verified"], answer
    assert outcomes(verdict)["signature"] is Outcome.FAIL
    assert because in detail(verdict, "signature")
