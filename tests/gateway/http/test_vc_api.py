"""Issuing and verifying in the terms of the VC-API, whatever the credentials service answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyPresentationResponse
from tests.gateway.http.conftest import FAIL, PASS, UNKNOWN, Web, problem, verdict

DOCUMENT = {"@context": ["https://www.w3.org/ns/credentials/v2"], "number": 1.5, "text": "\u00e9"}
JWS = "eyJhbGciOiJFZERTQSJ9.e30.c2ln"
ENVELOPE = {
    "@context": "https://www.w3.org/ns/credentials/v2",
    "id": f"data:application/vc+jwt,{JWS}",
    "type": "EnvelopedVerifiableCredential",
}


async def test_a_credential_is_issued(web: Web) -> None:
    answer = await web.issue(credential=DOCUMENT)

    [asked] = web.credentials.asked
    assert answer.status_code == 201
    assert answer.json() == {"verifiableCredential": json.loads(web.credentials.signed)}
    assert json.loads(asked.document) == DOCUMENT
    assert (asked.format, asked.revocable) == (credential_pb2.SECURING_FORMAT_DATA_INTEGRITY, False)


async def test_a_credential_is_issued_in_an_envelope_and_revocable(web: Web) -> None:
    web.credentials.signed = JWS
    options = {"securingMechanism": "vc+jwt", "credentialStatus": {"type": "BitstringStatusListEntry"}}
    answer = await web.issue(credential=DOCUMENT, options=options)

    [asked] = web.credentials.asked
    assert answer.json() == {"verifiableCredential": ENVELOPE}
    assert (asked.format, asked.revocable) == (credential_pb2.SECURING_FORMAT_VC_JWT, True)


@pytest.mark.parametrize(
    "options",
    [
        {"securingMechanism": "RsaSignature2018"},
        {"credentialStatus": {"type": "RevocationList2020Status"}},
        {"credentialStatus": {"statusPurpose": "suspension"}},
        {"credentialStatus": True},
    ],
)
async def test_what_cannot_be_done_is_refused_and_not_left_out(web: Web, options: dict[str, Any]) -> None:
    answer = await web.issue(credential=DOCUMENT, options=options)

    assert (answer.status_code, problem(answer)["reason"]) == (400, "INVALID_FIELD")
    assert web.credentials.asked == []


@pytest.mark.parametrize(
    ("header", "status", "reason", "challenge"),
    [
        (None, 401, "OPERATOR_TOKEN_REQUIRED", 'Bearer realm="counterfoil"'),
        ("", 401, "OPERATOR_TOKEN_REQUIRED", 'Bearer realm="counterfoil"'),
        ("Bearer", 401, "OPERATOR_TOKEN_REQUIRED", 'Bearer realm="counterfoil"'),
        ("Basic YTpi", 401, "OPERATOR_TOKEN_REQUIRED", 'Bearer realm="counterfoil"'),
        ("Bearer guess", 403, "OPERATOR_TOKEN_WRONG", 'Bearer error="invalid_token"'),
        ("Bearer \u00e9", 403, "OPERATOR_TOKEN_WRONG", 'Bearer error="invalid_token"'),
        ("Bearer a token for the operator and more", 403, "OPERATOR_TOKEN_WRONG", 'Bearer error="invalid_token"'),
    ],
)
async def test_issuing_is_for_the_operator(
    web: Web, header: str | None, status: int, reason: str, challenge: str
) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}
    answer = await web.client.post("/credentials/issue", content=b"not even JSON", headers=headers)

    assert (answer.status_code, problem(answer)["reason"]) == (status, reason)
    assert answer.headers["www-authenticate"] == challenge
    assert web.credentials.asked == []


@pytest.mark.parametrize(
    ("credential", "text"),
    [(JWS, JWS), (ENVELOPE, JWS), ({**ENVELOPE, "type": ["EnvelopedVerifiableCredential"]}, JWS), (DOCUMENT, None)],
)
async def test_a_credential_is_verified_in_each_of_its_forms(web: Web, credential: Any, text: str | None) -> None:
    answer = await web.verify(credential)

    [asked] = web.credentials.asked
    assert answer.status_code == 200
    assert answer.json() == {
        "verified": True,
        "accepted": True,
        "problemDetails": [],
        "checks": [{"name": "parse", "outcome": "pass", "detail": "about parse"}],
    }
    assert asked.any_statement
    assert asked.credential == text if text else json.loads(asked.credential) == DOCUMENT


@pytest.mark.parametrize("url", [None, 5, "", "https://example.org/vc", f"data:application/vc+sd-jwt,{JWS}"])
async def test_another_kind_of_envelope_is_refused(web: Web, url: Any) -> None:
    answer = await web.verify({**ENVELOPE, "id": url})

    assert (answer.status_code, problem(answer)["field"]) == (400, "verifiableCredential.id")


async def test_an_envelope_that_states_something_itself_is_refused(web: Web) -> None:
    """Its content is signed and it is not: what it says would come back under `verified`."""
    answer = await web.verify({**ENVELOPE, "credentialSubject": {"paid": "999.00"}})

    assert (answer.status_code, problem(answer)["field"]) == (400, "verifiableCredential.credentialSubject")


@pytest.mark.parametrize(
    ("check", "outcome", "kind"),
    [
        ("parse", FAIL, "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"),
        ("context", FAIL, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"),
        ("schema", UNKNOWN, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"),
        ("signature", FAIL, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"),
        ("signature", UNKNOWN, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"),
        ("key_control", FAIL, "https://w3id.org/security#INVALID_VERIFICATION_METHOD"),
        ("key_status", FAIL, "https://w3id.org/security#INVALID_VERIFICATION_METHOD"),
        ("validity_time", FAIL, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"),
        ("validity_time", UNKNOWN, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"),
        ("revocation", FAIL, "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"),
    ],
)
async def test_each_check_that_does_not_hold_is_a_problem(web: Web, check: str, outcome: Any, kind: str) -> None:
    web.credentials.found.verdict.CopyFrom(verdict(**{check: outcome}))
    answer = await web.verify()

    [found] = answer.json()["problemDetails"]
    assert (answer.status_code, answer.json()["verified"], answer.json()["accepted"]) == (400, False, False)
    assert found == {"type": kind, "status": 400, "title": kind.split("#")[1], "detail": f"{check}: about {check}"}


async def test_what_could_not_be_found_out_is_shown_and_keeps_it_from_being_accepted(web: Web) -> None:
    web.credentials.found.verdict.CopyFrom(verdict(parse=PASS, validity_time=PASS, revocation=UNKNOWN, trust=FAIL))
    answer = await web.verify()

    assert answer.status_code == 200
    assert (answer.json()["verified"], answer.json()["accepted"]) == (True, False)
    assert [each["outcome"] for each in answer.json()["checks"]] == ["pass", "pass", "unknown", "fail"]


async def test_the_credential_is_returned_when_asked_for(web: Web) -> None:
    assert (await web.verify(DOCUMENT, returnCredential=True)).json()["verifiableCredential"] == DOCUMENT


async def test_a_presentation_is_verified_with_its_challenge_and_domain(web: Web) -> None:
    body = {
        "verifiablePresentation": DOCUMENT,
        "options": {"challenge": "c", "domain": "d.example", "returnPresentation": True},
    }
    answer = await web.client.post("/presentations/verify", json=body)

    [asked] = web.credentials.asked
    assert (asked.challenge, asked.domain, json.loads(asked.presentation)) == ("c", "d.example", DOCUMENT)
    assert answer.status_code == 200
    assert answer.json()["verifiablePresentation"] == DOCUMENT
    assert answer.json()["credentials"] == []


async def test_a_presentation_is_not_verified_unless_its_credentials_are(web: Web) -> None:
    web.credentials.presented = VerifyPresentationResponse(
        verdict=verdict(challenge=PASS), credentials=[verdict(parse=PASS), verdict(revocation=FAIL)]
    )
    answer = await web.client.post("/presentations/verify", json={"verifiablePresentation": DOCUMENT})

    [found] = answer.json()["problemDetails"]
    assert (answer.status_code, answer.json()["verified"]) == (400, False)
    assert found["pointer"] == "/verifiableCredential/1"
    assert [each["verified"] for each in answer.json()["credentials"]] == [True, False]


async def test_a_wrong_challenge_is_a_problem_of_its_own(web: Web) -> None:
    web.credentials.presented = VerifyPresentationResponse(verdict=verdict(challenge=FAIL, domain=FAIL))
    answer = await web.client.post("/presentations/verify", json={"verifiablePresentation": DOCUMENT})

    assert [each["title"] for each in answer.json()["problemDetails"]] == [
        "INVALID_CHALLENGE_ERROR",
        "INVALID_DOMAIN_ERROR",
    ]
