"""Credentials of any kind: signed in the service's name, verified whatever they state, and presented by a holder."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import grpc
import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.credentials import proofs
from services.messages import multibase
from services.messages.document import Document
from services.runtime.settings import Settings
from tests.credentials.key_calls import revoke, rotate
from tests.credentials.parties import MALLORY, STRANGER, SUITES
from tests.credentials.revoking import URL, a_document, is_revoked, sign, status_in, the_list, void
from tests.credentials.test_service import Client, a_fresh_request, found, refused, running

FORMATS = (pb.SECURING_FORMAT_UNSPECIFIED, pb.SECURING_FORMAT_DATA_INTEGRITY, pb.SECURING_FORMAT_VC_JWT)
MALFORMED = (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_CREDENTIAL")


@pytest.fixture
def public(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": URL})


async def verify_any(client: Client, text: str) -> rpc.VerifyCredentialResponse:
    return await client.stub.VerifyCredential(rpc.VerifyCredentialRequest(credential=text, any_statement=True))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("did_web", [None, "pay.example.org"])
async def test_a_document_is_signed_in_the_issuers_name_and_accepted(settings, suite, format, did_web):
    settings = settings.model_copy(update={"issuer_suite": suite, "did_web": did_web})
    async with running(settings) as client:
        signed = await sign(client, a_document(), format=format)
        response = await verify_any(client, signed)
        issuer = await client.issuer()

    assert signed.startswith("{") is (format != pb.SECURING_FORMAT_VC_JWT)
    assert response.verdict.accepted, found(response)
    assert list(found(response)) == [
        *("parse", "context", "schema", "signature", "key_control", "key_status", "validity_time"),
        *("revocation", "trust"),
    ]
    if signed.startswith("{"):
        assert json.loads(signed)["issuer"] == issuer


async def test_an_issuer_that_is_the_services_may_stand_in_the_document(settings):
    async with running(settings) as client:
        issuer = await client.issuer()
        for named in (issuer, {"id": issuer, "name": "Counterfoil"}):
            signed = await sign(client, a_document(issuer=named))

            assert json.loads(signed)["issuer"] == named
            assert (await verify_any(client, signed)).verdict.accepted


async def test_pitfall_28_nothing_is_signed_in_another_name_or_with_a_key_that_retired(settings):
    async with running(settings) as client:
        retired = await client.issuer()
        await rotate(client)
        for issuer in (MALLORY.did, retired, "https://example.org/issuers/1", {"id": MALLORY.did}):
            assert await refused(sign(client, a_document(issuer=issuer))) == (
                grpc.StatusCode.FAILED_PRECONDITION,
                "ISSUER_UNKNOWN",
            )


MALFORMED_TEXTS = {
    "nothing": "",
    "no JSON": "{",
    "no object": "[]",
    "duplicate keys": '{"@context": [], "@context": []}',
    "NaN": '{"@context": ["https://www.w3.org/ns/credentials/v2"], "a": NaN}',
    "half a character": '{"@context": ["https://www.w3.org/ns/credentials/v2"], "a": "\\ud800"}',
    "too long": '{"a": "' + "a" * 70_000 + '"}',
    "nested without end": "[" * 60_000,
    "no context": json.dumps({**a_document(), "@context": []}),
    "one context that is no list": json.dumps({**a_document(), "@context": a_document()["@context"][0]}),
    "another context first": json.dumps({**a_document(), "@context": ["https://www.w3.org/2018/credentials/v1"]}),
    "no type": json.dumps({**a_document(), "type": ["Something"]}),
    "no subject": json.dumps({**a_document(), "credentialSubject": []}),
    "an id that is none": json.dumps(a_document("no url")),
    "an id that is no text": json.dumps({**a_document(), "id": 5}),
    "an id without end": json.dumps(a_document("urn:" + "x" * 600)),
    "a proof already": json.dumps({**a_document(), "proof": {}}),
    "times in the wrong order": json.dumps(
        a_document(validFrom="2026-01-02T00:00:00Z", validUntil="2026-01-01T00:00:00Z")
    ),
    "an issuer that is none": json.dumps(a_document(issuer=5)),
}


@pytest.mark.parametrize("text", MALFORMED_TEXTS.values(), ids=MALFORMED_TEXTS)
async def test_what_is_no_credential_is_not_signed(settings, text):
    async with running(settings) as client:
        refusal = await refused(client.stub.SignDocument(rpc.SignDocumentRequest(document=text)))

    assert refusal == MALFORMED


async def test_a_format_that_there_is_not_is_refused(settings):
    async with running(settings) as client:
        assert await refused(sign(client, a_document(), format=77)) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
        )


@pytest.mark.parametrize("format", FORMATS)
async def test_a_document_signed_as_revocable_can_be_revoked_by_its_id(public, format):
    name = f"urn:uuid:{uuid4()}"
    async with running(public) as client:
        signed = await sign(client, a_document(name), format=format, revocable=True)
        before = await verify_any(client, signed)
        await void(client, name)
        after = await verify_any(client, signed)

        assert before.verdict.accepted, found(before)
        assert found(after)["revocation"] == "fail"
        if format == pb.SECURING_FORMAT_DATA_INTEGRITY:
            assert is_revoked((await the_list(client)).credential, signed)


async def test_an_id_may_be_any_url(public):
    name = "https://example.org/credentials/3732"
    async with running(public) as client:
        signed = await sign(client, a_document(name), revocable=True)
        await void(client, name)

        assert found(await verify_any(client, signed))["revocation"] == "fail"


async def test_a_document_signed_again_keeps_its_place(public):
    async with running(public) as client:
        first, second = [await sign(client, a_document("urn:example:1"), revocable=True) for _ in range(2)]

    assert status_in(first) == status_in(second)


async def test_what_cannot_be_revoked_is_not_signed_as_if_it_could(settings, public):
    status = {"type": "SomethingElse"}
    async with running(public) as client:
        for document in (a_document(), {**a_document("urn:example:1"), "credentialStatus": status}):
            assert await refused(sign(client, document, revocable=True)) == MALFORMED
    async with running(settings) as client:
        assert await refused(sign(client, a_document("urn:example:1"), revocable=True)) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "NOT_REVOCABLE",
        )


async def test_a_document_that_was_not_signed_as_revocable_cannot_be_revoked(public):
    async with running(public) as client:
        await sign(client, a_document("urn:example:1"))

        assert await refused(void(client, "urn:example:1")) == (grpc.StatusCode.NOT_FOUND, "CREDENTIAL_NOT_FOUND")


async def test_another_credential_is_none_of_counterfoils_unless_any_is_asked_for(settings):
    async with running(settings) as client:
        signed = await sign(client, a_document())

        assert not (await client.verify(signed)).verdict.verified
        assert (await verify_any(client, signed)).verdict.verified


async def test_a_document_of_a_revoked_key_fails(settings):
    async with running(settings) as client:
        signed = await sign(client, a_document())
        await revoke(client, json.loads(signed)["proof"]["verificationMethod"])

        assert found(await verify_any(client, signed))["key_status"] == "fail"


# Presentations.


def presented(*credentials: Any, **proof: Any) -> str:
    """By a stranger who holds them."""
    holder = STRANGER
    document: Document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder.did,
        "verifiableCredential": list(credentials),
    }
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": holder.cryptosuite,
        "created": "2026-10-01T12:00:00Z",
        "verificationMethod": holder.verification_method,
        "proofPurpose": "authentication",
        "@context": document["@context"],
        **proof,
    }
    signature = holder.sign(proofs.combined_hash(config, proofs.document_hash(document)))
    return json.dumps({**document, "proof": {**config, "proofValue": multibase.encode(signature)}})


async def verify_presentation(
    client: Client, text: str, challenge: str = "", domain: str = ""
) -> rpc.VerifyPresentationResponse:
    return await client.stub.VerifyPresentation(
        rpc.VerifyPresentationRequest(presentation=text, challenge=challenge, domain=domain)
    )


ASKED = {"challenge": "7f3a", "domain": "shop.example"}


async def test_a_presentation_is_verified_with_the_credentials_in_it(settings):
    async with running(settings) as client:
        held = [json.loads(await sign(client, a_document())) for _ in range(2)]
        held.append(json.loads((await client.issue(a_fresh_request(await client.issuer()))).json))
        response = await verify_presentation(client, presented(*held, **ASKED), **ASKED)

    assert response.verdict.accepted
    assert [each.accepted for each in response.credentials] == [True] * 3
    assert [check.name for check in response.verdict.checks] == [
        *("parse", "context", "schema", "signature", "key_control", "key_status", "challenge", "domain")
    ]


@pytest.mark.parametrize(
    "asked", [{}, {**ASKED, "challenge": "other"}, {**ASKED, "domain": "other.example"}, {"challenge": "7f3a"}]
)
async def test_pitfall_2_a_presentation_made_for_another_occasion_is_not_verified(settings, asked):
    async with running(settings) as client:
        response = await verify_presentation(client, presented(**ASKED), **asked)

    assert not response.verdict.verified


async def test_a_presentation_that_is_none_is_an_answer(settings):
    async with running(settings) as client:
        for text in ("", "{}", "[" * 100_000, '{"a": 1, "a": 2}', "x" * 300_000):
            response = await verify_presentation(client, text)

            assert not response.verdict.verified
            assert response.verdict.checks[0].outcome == pb.CHECK_OUTCOME_FAIL


async def test_revocation_and_keys_are_looked_up_for_every_credential_in_a_presentation(public):
    async with running(public) as client:
        issuer = await client.issuer()
        message = a_fresh_request(issuer)
        good, bad = [await client.issue(replace(message, id=uuid4())) for _ in range(2)]
        await void(client, bad.message_id)
        response = await verify_presentation(client, presented(json.loads(good.json), json.loads(bad.json)))

    assert [each.accepted for each in response.credentials] == [True, False]
    assert not response.verdict.accepted
    assert response.verdict.verified
