"""Presentations: made by their holder, for one verifier, on one occasion."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials import jose
from services.credentials.domain import Outcome
from services.credentials.keys import IssuerKey
from services.credentials.presentations import (
    CHECKS_OF_PRESENTATION,
    CREDENTIALS_MAX,
    PRESENTATION_BYTES_MAX,
    PresentationVerdict,
    read_presentation,
    verify_presentation,
)
from services.credentials.verification import Circumstances
from services.messages.document import CONTEXT, Document, to_document
from tests.credentials.forgeries import FORGERIES, genuine
from tests.credentials.parties import (
    MALLORY,
    NOON,
    SERVICE,
    STRANGER,
    SUITES,
    a_key,
    a_request,
    failing,
    outcomes,
    sign_anything,
    signed,
)
from tests.credentials.test_laws import json_values
from tests.credentials.test_rdf import sign_as_rdf
from tests.processor_time import at_most

each_suite = pytest.mark.parametrize("suite", SUITES)
OCCASION = {"challenge": "c-1", "domain": "shop.example"}
CIRCUMSTANCES = Circumstances(NOON, own={SERVICE.did})


def a_presentation(signer: IssuerKey = STRANGER, *credentials: Any, **changes: Any) -> Document:
    """A presentation of a genuine credential, its proof made correctly over whatever it is told to say."""
    document = {
        "@context": CONTEXT[:1],
        "type": ["VerifiablePresentation"],
        "holder": signer.did,
        "verifiableCredential": list(credentials) or [genuine(SERVICE)],
    }
    document |= {name: changes.pop(name) for name in list(changes) if name in ("@context", "type", "holder", "id")}
    options = {"proofPurpose": "authentication", **OCCASION, **changes}
    said = {name: value for name, value in options.items() if value is not None}
    return sign_anything(document, signer, **said)


def verdict_on(
    presentation: Document | str, challenge: str = "c-1", domain: str = "shop.example"
) -> PresentationVerdict:
    text = presentation if isinstance(presentation, str) else json.dumps(presentation)
    return verify_presentation(text, challenge, domain, CIRCUMSTANCES)


@each_suite
def test_a_genuine_presentation_passes_every_check_in_order(suite):
    verdict = verdict_on(a_presentation(a_key(suite)))

    assert tuple(outcomes(verdict)) == CHECKS_OF_PRESENTATION
    assert set(outcomes(verdict).values()) == {Outcome.PASS}
    assert verdict.verified
    assert verdict.accepted
    assert [each.accepted for each in verdict.credentials] == [True]


def test_each_credential_in_it_has_its_own_verdict_in_its_order():
    good, forged = genuine(SERVICE), {**genuine(SERVICE), "issuer": MALLORY.did}

    verdict = verdict_on(a_presentation(STRANGER, good, forged, good))

    assert [each.verified for each in verdict.credentials] == [True, False, True]
    assert not failing(verdict)
    assert not verdict.verified


def test_one_credential_may_stand_alone_without_a_list():
    document: Document = {"@context": CONTEXT[:1], "type": "VerifiablePresentation", "holder": STRANGER.did}
    document["verifiableCredential"] = genuine(SERVICE)

    verdict = verdict_on(sign_anything(document, STRANGER, proofPurpose="authentication", **OCCASION))

    assert verdict.accepted


def test_a_credential_as_jws_comes_in_an_envelope():
    token = jose.sign(to_document(a_request()), SERVICE)
    envelope = {
        "@context": CONTEXT[0],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }

    assert verdict_on(a_presentation(STRANGER, envelope)).verified
    assert not verdict_on(a_presentation(STRANGER, {**envelope, "id": token})).verified
    assert not verdict_on(a_presentation(STRANGER, {**envelope, "issuer": SERVICE.did})).verified
    assert not verdict_on(a_presentation(STRANGER, {**envelope, "id": 1})).verified
    assert not verdict_on(
        a_presentation(STRANGER, {**envelope, "id": f"data:application/vc+jwt,{token[:-9]}"})
    ).verified


def test_a_strangers_credential_is_verified_and_not_accepted():
    text = json.loads(signed(a_request(STRANGER.did)).json)

    verdict = verdict_on(a_presentation(STRANGER, text))

    assert verdict.verified
    assert not verdict.accepted


@pytest.mark.parametrize(
    ("presentation", "fails"),
    [
        (a_presentation(challenge="c-2"), {"challenge"}),
        (a_presentation(challenge=None), {"challenge"}),
        (a_presentation(challenge=["c-1"]), {"challenge"}),
        (a_presentation(domain="mallory.example"), {"domain"}),
        (a_presentation(domain=None), {"domain"}),
        (a_presentation(domain=["mallory.example"]), {"domain"}),
        (a_presentation(proofPurpose="assertionMethod"), {"signature"}),
        (a_presentation(expires="2026-10-01T12:00:00Z"), {"signature"}),
        (a_presentation(MALLORY, holder=STRANGER.did), {"key_control"}),
        (a_presentation(holder={"id": MALLORY.did}), {"key_control"}),
        (a_presentation(holder="Alice"), {"schema"}),
        (a_presentation(type=["VerifiableCredential"]), {"schema"}),
        (a_presentation(id="not-a-full-address"), {"schema"}),
        (a_presentation(STRANGER, **{"@context": CONTEXT[1:]}), {"context"}),
        (a_presentation(STRANGER, **{"@context": [*CONTEXT, "https://mallory.example/v1"]}), {"context"}),
        (a_presentation(STRANGER, **{"@context": [*CONTEXT, {"holder": "urn:x:y"}]}), {"context"}),
        (a_presentation(cryptosuite="ecdsa-jcs-2019"), {"signature"}),
        ({**a_presentation(), "id": "urn:x:added"}, {"signature"}),
        ({**a_presentation(), "proof": []}, {"parse"}),
        ({**a_presentation(), "verifiableCredential": [genuine(SERVICE)] * (CREDENTIALS_MAX + 1)}, {"parse"}),
        ("", {"parse"}),
        ("[]", {"parse"}),
        ("[" * 10_000, {"parse"}),
        ('{"a":1,"a":2}', {"parse"}),
        (" " * PRESENTATION_BYTES_MAX + "{}", {"parse"}),
    ],
)
def test_what_is_wrong_with_a_presentation_fails_its_check_by_name(presentation, fails):
    verdict = verdict_on(presentation)

    assert failing(verdict) == fails
    assert not verdict.verified
    assert all(check.detail for check in verdict.checks)


def test_a_holder_that_is_not_named_is_unknown_and_never_passes():
    document = {"@context": CONTEXT[:1], "type": ["VerifiablePresentation"]}

    verdict = verdict_on(sign_anything(document, STRANGER, proofPurpose="authentication", **OCCASION))

    assert outcomes(verdict)["key_control"] is Outcome.UNKNOWN
    assert not verdict.verified


def test_a_presentation_for_several_verifiers_is_for_each_of_them():
    presentation = a_presentation(domain=["shop.example", "till.example"])

    assert verdict_on(presentation, domain="till.example").verified
    assert failing(verdict_on(presentation, domain="mallory.example")) == {"domain"}
    assert failing(verdict_on(presentation, domain="")) == {"domain"}


def test_where_none_was_given_none_may_be_named():
    assert verdict_on(a_presentation(challenge=None, domain=None), challenge="", domain="").verified
    assert failing(verdict_on(a_presentation(), challenge="", domain="")) == {"challenge", "domain"}


def test_pitfall_2_a_credential_is_no_presentation_and_no_presentation_a_credential():
    assert {"schema", "signature", "challenge", "domain"} <= failing(verdict_on(genuine(SERVICE)))


@each_suite
@pytest.mark.parametrize(
    "forgery", [each for each in FORGERIES if "parse" not in each.fails], ids=lambda forgery: forgery.name
)
def test_no_forgery_is_verified_for_being_presented(forgery, suite):
    """But for what only Counterfoil's statements are asked: their fields, and who may make them."""
    key = a_key(suite)
    text = json.dumps(a_presentation(key, json.loads(forgery.make(key))))

    verdict = verify_presentation(text, "c-1", "shop.example", Circumstances(NOON, own={key.did}))

    assert not verdict.verified or forgery.fails <= {"validity_time", "issuer_authority", "schema"}
    assert not verdict.accepted or forgery.fails <= {"issuer_authority", "schema"}


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, {"proof": {}}, {"proof": []}])
def test_what_is_no_credential_is_not_verified_for_being_presented(junk):
    verdict = verdict_on(a_presentation(STRANGER, junk))

    assert not failing(verdict)
    assert failing(verdict.credentials[0])
    assert not verdict.verified


def test_an_hour_later_the_credentials_in_it_may_have_expired():
    credential = json.loads(signed(a_request(expires_at=NOON + timedelta(hours=1))).json)
    text = json.dumps(a_presentation(STRANGER, credential))

    later = verify_presentation(
        text, "c-1", "shop.example", Circumstances(NOON + timedelta(hours=1), own={SERVICE.did})
    )

    assert later.verified
    assert not later.accepted


def test_what_it_needs_looked_up_can_be_told_before_it_is_judged():
    presentation = read_presentation(json.dumps(a_presentation(STRANGER)))

    assert presentation.holder == STRANGER.did
    assert presentation.holding.verification_methods == (STRANGER.verification_method,)
    assert [each.verification_methods for each in presentation.credentials] == [(SERVICE.verification_method,)]


def test_a_presentation_of_many_proofs_over_graphs_is_refused():
    credential = sign_as_rdf(to_document(a_request()), SERVICE)
    four_times = {**credential, "proof": [credential["proof"]] * 4}

    assert verdict_on(a_presentation(STRANGER, *[four_times] * 4)).verified
    assert failing(verdict_on(a_presentation(STRANGER, *[four_times] * 5))) == {"parse"}


def test_a_presentation_as_large_as_may_be_takes_less_than_a_second():
    document = {**to_document(a_request()), "name": "x" * 12_000}
    text = json.dumps(a_presentation(STRANGER, *[sign_anything(document, SERVICE)] * CREDENTIALS_MAX))

    with at_most(1):
        verdict = verdict_on(text)

    assert verdict.verified


@settings(deadline=None)
@given(json_values, st.sampled_from(["holder", "verifiableCredential", "type", "@context", "proof", "id"]))
def test_no_json_at_all_is_an_exception(value, place):
    verdict = verdict_on(json.dumps({**a_presentation(), place: value}))

    assert not verdict.verified or place == "proof"
