"""Credentials that state anything: asked for the VC Data Model 2.0 and known contexts, and nothing of Counterfoil's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from services.credentials import contexts, timestamps
from services.credentials.data_model import flaw_of_credential
from services.credentials.domain import CHECKS_OF_ANY_STATEMENT, Outcome
from services.credentials.verification import Circumstances
from services.messages.document import Document
from tests.credentials.forgeries import genuine
from tests.credentials.parties import (
    NOON,
    SERVICE,
    STRANGER,
    SUITES,
    a_key,
    failing,
    outcomes,
    sign_anything,
    verdict_on,
    verdict_on_any,
)
from tests.credentials.test_laws import json_values

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ALUMNI: Document = {
    "@context": [contexts.CREDENTIALS_V2, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "issuer": SERVICE.did,
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
each_suite = pytest.mark.parametrize("suite", SUITES)


def without(name: str) -> Document:
    return {key: value for key, value in ALUMNI.items() if key != name}


def status(**changes: Any) -> Document:
    return {"credentialStatus": {"type": "BitstringStatusListEntry", "id": "https://x.example/1#1", **changes}}


def resource(**changes: Any) -> Document:
    return {"relatedResource": [{"id": "https://x.example/1", "digestSRI": "sha256-x", **changes}]}


@each_suite
def test_a_credential_of_any_kind_is_accepted_when_its_issuer_is(suite):
    key = a_key(suite)

    verdict = verdict_on_any(sign_anything({**ALUMNI, "issuer": key.did}, key), Circumstances(NOON, own={key.did}))

    assert tuple(outcomes(verdict)) == CHECKS_OF_ANY_STATEMENT
    assert set(outcomes(verdict).values()) == {Outcome.PASS}
    assert verdict.accepted


def test_it_is_none_of_counterfoils_statements():
    assert "context" in failing(verdict_on(sign_anything(ALUMNI, SERVICE)))


def test_a_statement_of_counterfoils_is_a_credential_as_well():
    assert verdict_on_any(genuine(SERVICE)).accepted


def test_its_issuer_must_control_the_key_as_ever():
    assert failing(verdict_on_any(sign_anything(ALUMNI, STRANGER))) == {"key_control"}


def test_it_may_hold_for_ever():
    assert verdict_on_any(sign_anything(without("validFrom"), SERVICE)).accepted


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "VerifiableCredential"},
        {"issuer": {"id": SERVICE.did, "name": "The School of Examples"}},
        {"credentialSubject": [{"id": "did:example:1"}, {"alumniOf": "A"}]},
        {"validFrom": "2023-01-01T00:00:00.123456789-05:00", "validUntil": "2023-01-02T00:00:00+14:00"},
        {"name": {"@value": "Alumni", "@language": "en", "@direction": "ltr"}},
        {"name": [{"@value": "Alumni", "@language": "en"}, {"@value": "Absolventen", "@language": "de-AT"}]},
        status(),
        {"credentialStatus": [status()["credentialStatus"]] * 2},
        {"credentialSchema": {"id": "https://x.example/schema.json", "type": "JsonSchema"}},
        {"evidence": [{"type": "DocumentVerification"}]},
        {"termsOfUse": []},
        resource(),
    ],
    ids=str,
)
def test_what_the_data_model_allows(changes):
    assert flaw_of_credential({**ALUMNI, **changes}) == ""


FLAWS: list[Document] = [
    {"id": "not-a-full-address"},
    {"id": ["urn:x:y"]},
    {"type": []},
    {"type": "AlumniCredential"},
    {"type": ["VerifiableCredential", 1]},
    {"type": {"VerifiableCredential": 1}},
    {"issuer": "The School of Examples"},
    {"issuer": {}},
    {"issuer": {"name": "The School of Examples"}},
    {"issuer": [SERVICE.did]},
    {"issuer": "urn:x:y z"},
    {"credentialSubject": {}},
    {"credentialSubject": []},
    {"credentialSubject": [{}]},
    {"credentialSubject": "did:example:1"},
    {"credentialSubject": None},
    {"credentialSubject": {"id": "not-a-full-address"}},
    {"validFrom": "2023-01-01"},
    {"validFrom": "2023-01-01T00:00:00"},
    {"validFrom": "2023-02-30T00:00:00Z"},
    {"validFrom": "2023-01-01T24:00:00Z"},
    {"validFrom": "2023-01-01t00:00:00z"},
    {"validFrom": "2023-01-01T00:00:00+24:00"},
    {"validFrom": "0001-01-01T00:00:00+14:00"},
    {"validFrom": "١٢٣٤-01-01T00:00:00Z"},
    {"validFrom": 0},
    {"validUntil": None},
    {"validUntil": "2022-12-31T23:59:59Z"},
    {"name": 1},
    {"name": {"@language": "en"}},
    {"name": {"@value": "a", "@language": "not a language"}},
    {"name": {"@value": "a", "@direction": "up"}},
    {"description": {"text": "a"}},
    {"credentialStatus": "https://x.example/1#1"},
    {"credentialStatus": {}},
    {"credentialStatus": None},
    status(type=None),
    status(type=1),
    status(id="1"),
    {"credentialSchema": {"type": "JsonSchema"}},
    {"refreshService": {"id": "https://x.example"}},
    {"evidence": "seen it"},
    {"termsOfUse": [{}]},
    {"relatedResource": "https://x.example/1"},
    resource(id=None),
    {"relatedResource": resource()["relatedResource"] * 2},
    {"relatedResource": [{"id": "https://x.example/1"}]},
]


@pytest.mark.parametrize(
    "document",
    [{}, *map(without, ("type", "issuer", "credentialSubject")), *({**ALUMNI, **changes} for changes in FLAWS)],
    ids=str,
)
def test_what_the_data_model_does_not_allow_fails_the_schema(document):
    assert flaw_of_credential(document)
    verdict = verdict_on_any(sign_anything({"@context": ALUMNI["@context"], **document}, SERVICE))

    assert outcomes(verdict)["schema"] is Outcome.FAIL
    assert not verdict.verified


@pytest.mark.parametrize(
    "named",
    [
        None,
        contexts.CREDENTIALS_V2,
        [],
        [EXAMPLES, contexts.CREDENTIALS_V2],
        ["https://www.w3.org/2018/credentials/v1"],
        [contexts.CREDENTIALS_V2, "https://mallory.example/v1"],
        [contexts.CREDENTIALS_V2, EXAMPLES + "/"],
        [contexts.CREDENTIALS_V2, EXAMPLES.upper()],
        [contexts.CREDENTIALS_V2, {"alumniOf": "https://mallory.example/convictedOf"}],
        [contexts.CREDENTIALS_V2, [EXAMPLES]],
        [contexts.CREDENTIALS_V2, None],
        {"0": contexts.CREDENTIALS_V2},
    ],
    ids=str,
)
def test_contexts_that_are_not_known_by_their_exact_address_fail(named):
    verdict = verdict_on_any(sign_anything({**ALUMNI, "@context": named}, SERVICE))

    assert outcomes(verdict)["context"] is Outcome.FAIL
    assert not verdict.verified


@pytest.mark.parametrize("depth", [1, 100])
def test_a_context_inside_the_document_fails_however_deep(depth):
    inside: Any = {"@context": {"alumniOf": "https://mallory.example/convictedOf"}}
    for _ in range(depth):
        inside = [{"x": inside}]

    verdict = verdict_on_any(sign_anything({**ALUMNI, "credentialSubject": {"x": inside}}, SERVICE))

    assert failing(verdict) == {"context"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-01T12:00:00Z", NOON),
        ("2026-10-01T14:00:00+02:00", NOON),
        ("2026-10-01T12:00:00.000Z", NOON),
        ("2026-10-01T12:00:00.1234567Z", NOON.replace(microsecond=123456)),
        ("2026-09-30T22:00:00-14:00", NOON),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_may_have_a_fraction_and_an_offset(text, moment):
    assert timestamps.read(text) == moment


@settings(deadline=None)
@given(json_values, json_values, json_values)
def test_no_json_at_all_is_an_exception(subject, named, value):
    for document in (
        {**ALUMNI, "@context": named, "credentialSubject": subject},
        {**ALUMNI, "type": value, "issuer": subject, "validFrom": named, "name": value},
        {**ALUMNI, "credentialStatus": subject, "relatedResource": named, "evidence": value},
    ):
        verdict = verdict_on_any({**document, "proof": genuine(SERVICE)["proof"]})

        assert not verdict.verified
