"""Presentations that the peer makes, for one challenge and one domain, of credentials that the peer signed."""

from __future__ import annotations

import json
from functools import cache
from random import Random

from services.credentials.domain import Outcome
from services.credentials.presentations import PresentationVerdict, verify_presentation
from services.credentials.verification import Circumstances
from services.messages.document import Document
from tests.credentials.parties import NOON, failing, outcomes
from tests.interop import test_data_integrity, test_jose
from tests.interop.asking import ask
from tests.interop.documents import CONTEXTS, CREATED, SEED, messages
from tests.interop.keys import ED25519
from tests.interop.tampering import changed

PRESENTATIONS = 300
CHALLENGE, DOMAIN = "f8b7c9d1", "pay.example.org"


def test_we_verify_what_the_peer_presents():
    for presentation in signed_by_the_peer():
        verdict = _verdict(presentation)
        assert verdict.verified, (failing(verdict), [failing(each) for each in verdict.credentials])


def test_we_refuse_it_for_another_challenge_or_domain():
    for presentation in signed_by_the_peer():
        assert failing(_verdict(presentation, challenge="another")) == {"challenge"}
        assert failing(_verdict(presentation, domain="mallory.example")) == {"domain"}


def test_we_refuse_what_was_changed_after_the_peer_signed_it():
    for presentation in changed(signed_by_the_peer()):
        assert not _verdict(presentation).verified, presentation
        assert outcomes(_verdict(presentation))["signature"] is not Outcome.PASS, presentation


@cache
def signed_by_the_peer() -> list[Document]:
    """300, each with up to three messages, secured in either way with keys of two kinds."""
    settings = {
        "cryptosuite": ED25519.cryptosuite,
        "key": ED25519.to_multikey(),
        "created": CREATED,
        "challenge": CHALLENGE,
        "domain": DOMAIN,
    }
    count = len(messages(ED25519.did))
    held = [
        *test_data_integrity.signed_by_the_peer("ecdsa-jcs-2019 with P-256")[:count],
        *map(_enveloped, test_jose.signed_by_the_peer("EdDSA")[:count]),
    ]
    random = Random(SEED)
    unsigned = [_presentation(random.sample(held, random.randint(1, 3))) for _ in range(PRESENTATIONS)]
    return [answer["secured"] for answer in ask("sign.js", settings, unsigned)]


def _enveloped(jwt: str) -> Document:
    envelope = "EnvelopedVerifiableCredential"
    return {"@context": CONTEXTS[:1], "id": f"data:application/vc+jwt,{jwt}", "type": envelope}


def _presentation(held: list[Document]) -> Document:
    return {
        "@context": CONTEXTS[:1],
        "type": ["VerifiablePresentation"],
        "holder": ED25519.did,
        "verifiableCredential": held,
    }


def _verdict(presentation: Document, challenge: str = CHALLENGE, domain: str = DOMAIN) -> PresentationVerdict:
    return verify_presentation(json.dumps(presentation), challenge, domain, Circumstances(NOON))
