"""Credentials that are revoked by their issuer, and the list that tells."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest

from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.credentials import own_status_lists
from services.credentials.key_ring import FRESH_SECONDS
from services.messages.message import Message
from tests.credentials.key_calls import method_in, numbered, revoke, rotate
from tests.credentials.revoking import URL, a_document, accepted, is_revoked, sign, status_in, the_list, void
from tests.credentials.test_service import a_fresh_request, found, refused, running
from tests.logs import captured


async def test_a_revoked_credential_fails_by_name_and_others_hold(public):
    async with running(public) as client:
        lost, kept = [await client.issue(numbered(await client.issuer(), number)) for number in (1, 2)]
        assert await accepted(client, lost.json)
        await void(client, lost.message_id)
        response = await client.verify(lost.json)

        assert {name for name, outcome in found(response).items() if outcome == "fail"} == {"revocation"}
        assert response.verdict.verified
        assert not response.verdict.accepted
        assert await accepted(client, kept.json)


async def test_the_public_list_tells_a_stranger_which_are_revoked(public):
    async with running(public) as client:
        lost, kept = [await client.issue(numbered(await client.issuer(), number)) for number in (1, 2)]
        before = await the_list(client)
        await void(client, lost.message_id)
        after = await the_list(client)
        response = await client.stub.VerifyCredential(
            rpc.VerifyCredentialRequest(credential=after.credential, any_statement=True)
        )

    assert not is_revoked(before.credential, lost)
    assert is_revoked(after.credential, lost)
    assert not is_revoked(after.credential, kept)
    assert response.verdict.accepted, found(response)
    assert json.loads(after.credential)["id"] == status_in(lost)["statusListCredential"]
    assert json.loads(after.credential)["issuer"] == lost.issuer
    assert 60 <= after.max_age.seconds <= 3600


async def test_a_list_that_did_not_change_is_signed_once_and_anew_before_it_ends(public, monkeypatch):
    async with running(public) as client:
        await client.issue(a_fresh_request(await client.issuer()))
        first = await the_list(client)
        assert await the_list(client) == first
        monkeypatch.setattr(own_status_lists, "SIGNED_FOR", timedelta())
        await asyncio.sleep(1.1)

        assert await the_list(client) != first


async def test_a_revocation_that_is_repeated_changes_nothing(public):
    with captured() as lines:
        async with running(public) as client:
            credential = await client.issue(a_fresh_request(await client.issuer()))
            await asyncio.gather(*(void(client, credential.message_id) for _ in range(10)))
            await void(client, f"urn:uuid:{credential.message_id}")

    told = [line for line in lines if line["event"] == "credential revoked"]
    assert [line["credential_id"] for line in told] == [f"urn:uuid:{credential.message_id}"]


async def test_a_credential_that_was_never_issued_cannot_be_revoked(public):
    async with running(public) as client:
        for unknown in (
            "",
            "x",
            str(uuid4()),
            f"urn:uuid:{uuid4()}",
            "https://example.org/credentials/1",
            "x" * 100_000,
        ):
            assert await refused(void(client, unknown)) == (grpc.StatusCode.NOT_FOUND, "CREDENTIAL_NOT_FOUND")


async def test_a_credential_without_a_place_cannot_be_revoked_even_when_it_is_issued_again(settings, public):
    message: Message
    async with running(settings) as client:
        message = a_fresh_request(await client.issuer())
        before = await client.issue(message)
    async with running(public) as client:
        assert await client.issue(message) == before
        refusal = await refused(void(client, before.message_id))

        assert refusal == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_REVOCABLE")
        assert await accepted(client, before.json)


async def test_an_id_that_a_database_cannot_hold_is_refused_on_each(database_settings):
    """PostgreSQL keeps no text with a zero in it."""
    async with running(database_settings.model_copy(update={"public_url": URL})) as client:
        assert (await refused(sign(client, a_document("urn:a\0b"), revocable=True)))[1] == "MALFORMED_CREDENTIAL"
        assert (await refused(void(client, "urn:a\0b")))[1] == "CREDENTIAL_NOT_FOUND"


@pytest.mark.parametrize("list_id", ["", "0", "2", "-1", "01", "1.0", "x", "../1", "9" * 50, "\u0661"])
async def test_a_list_that_there_is_not_is_refused(public, list_id):
    async with running(public) as client:
        await client.issue(a_fresh_request(await client.issuer()))

        assert await refused(the_list(client, list_id)) == (grpc.StatusCode.NOT_FOUND, "STATUS_LIST_NOT_FOUND")


async def test_each_did_key_has_lists_of_its_own_and_signs_them_after_it_retired(public):
    """A list is in the name of the issuer of the credentials in it, since verifiers ask for that."""
    async with running(public) as client:
        old = await client.issue(numbered(await client.issuer(), 1))
        await rotate(client)
        new = await client.issue(numbered(await client.issuer(), 2))
        await void(client, old.message_id)
        lists = [json.loads((await the_list(client, number)).credential) for number in ("1", "2")]

        assert [each["issuer"] for each in lists] == [old.issuer, new.issuer]
        assert is_revoked(json.dumps(lists[0]), old)
        assert found(await client.verify(old.json))["revocation"] == "fail"


async def test_a_did_web_keeps_its_list_through_rotations_and_signs_it_with_the_current_key(public):
    async with running(public.model_copy(update={"did_web": "pay.example.org"})) as client:
        old = await client.issue(numbered(await client.issuer(), 1))
        before = await the_list(client)
        key = await rotate(client)
        new = await client.issue(numbered(await client.issuer(), 2))
        after = await the_list(client)

    assert status_in(old)["statusListCredential"] == status_in(new)["statusListCredential"]
    assert json.loads(after.credential)["proof"]["verificationMethod"] == key.verification_method
    assert before != after


async def test_the_list_of_a_revoked_did_key_is_signed_by_nobody(public):
    async with running(public) as client:
        lost = await client.issue(a_fresh_request(await client.issuer()))
        await revoke(client, method_in(lost))

        assert await refused(the_list(client)) == (grpc.StatusCode.NOT_FOUND, "STATUS_LIST_NOT_FOUND")


async def test_another_process_sees_a_revocation_within_half_a_second(public):
    async with running(public) as one, running(public) as other:
        credential = await one.issue(a_fresh_request(await one.issuer()))
        for _ in range(3):
            assert await accepted(other, credential.json)
        await void(one, credential.message_id)

        assert found(await one.verify(credential.json))["revocation"] == "fail"
        await asyncio.sleep(FRESH_SECONDS + 0.01)
        assert found(await other.verify(credential.json))["revocation"] == "fail"
        assert is_revoked((await the_list(other)).credential, credential)


async def test_a_revocation_is_there_after_a_restart_and_at_another_public_address(public):
    async with running(public) as client:
        credential = await client.issue(a_fresh_request(await client.issuer()))
        await void(client, credential.message_id)
    for url in (URL, "https://moved.example.org", None):
        async with running(public.model_copy(update={"public_url": url})) as client:
            assert found(await client.verify(credential.json))["revocation"] == "fail"


async def test_a_credential_that_points_at_the_place_of_another_is_not_good_by_that(public):
    """Whoever may have documents signed names the place of a good credential in a bad one."""
    async with running(public) as client:
        good = await client.issue(a_fresh_request(await client.issuer()))
        forged = await sign(client, {**a_document("urn:uuid:" + str(uuid4())), "credentialStatus": status_in(good)})
        response = await client.stub.VerifyCredential(
            rpc.VerifyCredentialRequest(credential=forged, any_statement=True)
        )

    assert found(response)["revocation"] == "unknown"
