"""eddsa-rdfc-2022, which we only verify: the peer reads JSON-LD by jsonld.js, and we by PyLD with contexts of ours."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from services.credentials import contexts
from services.credentials.domain import Outcome
from services.messages.document import Document, to_document
from tests.credentials.parties import detail, failing, outcomes, verdict_on
from tests.interop.asking import ask
from tests.interop.documents import CREATED, TERMS, graphs, messages
from tests.interop.keys import ED25519
from tests.interop.tampering import changed

_SETTINGS = {
    "cryptosuite": "eddsa-rdfc-2022",
    "key": ED25519.to_multikey(),
    "created": CREATED,
    "files": {contexts.COUNTERFOIL_V1: f"{contexts.__path__[0]}/counterfoil-v1.json"},
}


def test_we_verify_what_the_peer_signs():
    for secured in signed_by_the_peer():
        verdict = verdict_on(secured)
        assert outcomes(verdict)["signature"] is Outcome.PASS, (detail(verdict, "signature"), secured)
        assert outcomes(verdict)["key_control"] is Outcome.PASS, secured


def test_a_message_that_the_peer_signs_is_verified_as_a_whole():
    for secured in signed_by_the_peer()[: len(messages(ED25519.did))]:
        verdict = verdict_on(secured)
        assert verdict.verified, (failing(verdict), secured)


def test_we_refuse_what_was_changed_after_the_peer_signed_it():
    for secured in changed(signed_by_the_peer()):
        assert not verdict_on(secured).verified, secured
        assert outcomes(verdict_on(secured))["signature"] is not Outcome.PASS, secured


@pytest.mark.parametrize("text", ["\b", "\f", "\0", "\x1f", "\x7f"], ids=repr)
def test_we_verify_a_control_character_that_the_peer_signs(text):
    assert outcomes(verdict_on(_signed_about(text)))["signature"] is Outcome.PASS


@pytest.mark.parametrize("fraction", [1e-7, 5e-324])
def test_a_fraction_that_the_peer_signs_as_an_integer_is_refused_by_us(fraction):
    """jsonld.js 9.0 looks for a dot to tell fractions, and signs 1e-7 as 0, so that it can be changed into 2e-7."""
    secured = _signed_about(fraction)
    changed = {**secured, "credentialSubject": {"about": fraction * 2}}

    assert ask("verify.js", _SETTINGS, [changed])[0]["verified"]
    assert outcomes(verdict_on(secured))["signature"] is Outcome.FAIL
    assert outcomes(verdict_on(changed))["signature"] is Outcome.FAIL


@pytest.mark.parametrize(
    "url",
    [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/undefined-terms/v2",
        "https://w3id.org/security/data-integrity/v1",
        "https://w3id.org/security/data-integrity/v2",
    ],
)
def test_the_contexts_bundled_here_are_the_peers(url):
    assert contexts.document(url) == ask("contexts.js", {}, [url])[0]


@cache
def signed_by_the_peer() -> list[Document]:
    answers = ask("sign.js", _SETTINGS, [*map(to_document, messages(ED25519.did)), *graphs(ED25519.did)])
    assert [answer for answer in answers if "secured" not in answer] == []
    return [answer["secured"] for answer in answers]


def _signed_about(value: Any) -> Document:
    subject = {"about": value}
    document = {
        "@context": TERMS,
        "type": ["VerifiableCredential"],
        "issuer": ED25519.did,
        "credentialSubject": subject,
    }
    secured: Document = ask("sign.js", _SETTINGS, [document])[0]["secured"]
    return secured
