"""The DID document of this service's issuer."""

from __future__ import annotations

import pytest

from tests.credentials.key_calls import WEB, did_document, keys, method_in, numbered, revoke, rotate
from tests.credentials.parties import SUITES
from tests.credentials.test_service import found, running


@pytest.mark.parametrize("suite", SUITES)
async def test_the_did_document_of_a_did_key_lists_its_one_key(settings, suite):
    async with running(settings.model_copy(update={"issuer_suite": suite})) as client:
        await rotate(client)
        issuer = await client.issuer()
        method = (await keys(client))[0].verification_method

        assert await did_document(client) == {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": issuer,
            "verificationMethod": [
                {
                    "id": method,
                    "type": "Multikey",
                    "controller": issuer,
                    "publicKeyMultibase": issuer.removeprefix("did:key:"),
                }
            ],
            "assertionMethod": [method],
            "authentication": [method],
        }


async def test_the_did_document_of_a_did_web_lists_every_key_that_is_not_revoked(settings):
    async with running(settings.model_copy(update={"did_web": "pay.example.org"})) as client:
        await rotate(client)
        await rotate(client)
        third, second, first = [key.verification_method for key in await keys(client)]
        await revoke(client, second)
        document = await did_document(client)

    assert document["id"] == WEB
    assert [each["id"] for each in document["verificationMethod"]] == document["assertionMethod"] == [third, first]
    assert document["authentication"] == [third]
    assert all(each["controller"] == WEB for each in document["verificationMethod"])
    assert all(method.startswith(f"{WEB}#z6Mk") for method in (first, third))


async def test_what_was_signed_under_the_did_key_still_holds_under_the_did_web(settings):
    async with running(settings) as client:
        before = await client.issue(numbered(await client.issuer(), 1))
    async with running(settings.model_copy(update={"did_web": "pay.example.org"})) as client:
        assert (await client.verify(before.json)).verdict.accepted
        await revoke(client, method_in(before))
        assert found(await client.verify(before.json))["key_status"] == "fail"
