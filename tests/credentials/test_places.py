"""Every credential gets a place in a status list, its own and random."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import string
from dataclasses import replace
from random import Random

import pytest

from services.codec import classic
from services.credentials import places, status_store
from services.credentials.status_lists import ENTRIES, Place, to_status
from services.messages.document import message_digest, to_document, without_security
from services.messages.message import PaymentMethod
from services.messages.protobuf import from_message
from services.runtime.settings import Settings
from tests.codec.test_classic import ALPHABETS
from tests.credentials.key_calls import numbered
from tests.credentials.parties import a_claim, a_request, an_acknowledgement
from tests.credentials.revoking import URL, a_document, accepted, is_revoked, sign, status_in, the_list, void
from tests.credentials.test_service import a_fresh_request, found, now, running


async def test_by_default_a_credential_has_no_place_and_the_bytes_of_every_version(settings):
    async with running(settings) as client:
        credential = await client.issue(a_fresh_request(await client.issuer()))

    assert "credentialStatus" not in json.loads(credential.json)


async def test_with_a_public_address_a_credential_has_a_place_and_still_the_digest_of_its_statement(public):
    async with running(public) as client:
        message = a_fresh_request(await client.issuer())
        credential = await client.issue(message)
        response = await client.verify(credential.json)

    status = status_in(credential)
    assert status == to_status(URL, Place(1, int(status["statusListIndex"])))
    assert without_security(json.loads(credential.json)) == to_document(message)
    assert credential.digest == response.digest == message_digest(message)
    assert from_message(response.message) == message
    assert response.verdict.accepted, found(response)


async def test_a_whole_conversation_is_accepted_and_linked_as_without_places(public):
    async with running(public) as client:
        request = a_fresh_request(await client.issuer())
        claim = replace(a_claim(request, request.issuer), issued_at=now())
        answer = replace(an_acknowledgement(claim, request.issuer), issued_at=now())
        texts = [(await client.issue(message)).json for message in (request, claim, answer)]
    for text in texts:
        async with running(public) as client:
            assert await accepted(client, text)


@pytest.mark.parametrize("alphabet", ["ascii", "chinese", "mixed"])
async def test_the_largest_request_still_fits_a_qr_code_with_the_longest_names(public, alphabet):
    """Texts and addresses that do not compress, and a place in a list of a long number."""
    chance = Random(7)
    letters = string.ascii_lowercase + string.digits

    def line(size: int) -> str:
        text = ""
        while len((text + (char := chance.choice(ALPHABETS[alphabet]))).encode()) <= size:
            text += char
        return text

    longest_url = "https://" + "".join(chance.choices(letters, k=58)) + ".example/pays"
    longest_did = ".".join("".join(chance.choices(letters, k=55)) for _ in range(2)) + ".example"
    settings = public.model_copy(update={"public_url": longest_url, "did_web": longest_did})
    assert Settings.model_validate(settings.model_dump()) == settings, "the settings take them"
    async with running(settings) as client:
        methods = (PaymentMethod(line(60) + "1", {"a" * 32: line(250)}), PaymentMethod("2", {"b": line(28)}))
        request = a_request(await client.issuer(), payee=line(128), description=line(510), methods=methods)
        credential = json.loads((await client.issue(request)).json)
    credential["credentialStatus"] = to_status(longest_url, Place(999_999_999, 131_071))
    text = classic.write(json.dumps(credential))

    assert json.loads(classic.read(text).credential) == credential
    assert classic.read(text).message == request
    assert len(text) <= 2953


async def test_the_same_credential_keeps_its_place_whatever_happened_between(public):
    async with running(public) as client:
        message = a_fresh_request(await client.issuer())
        first = await client.issue(message)
        assert await client.issue(message) == first
    with sqlite3.connect(public.data_dir / "credentials.db") as connection:
        # As after a crash between taking the place and keeping the credential.
        connection.execute("DELETE FROM credential")
    connection.close()
    async with running(public) as client:
        assert await client.issue(message) == first


async def test_retries_use_up_no_places(public):
    async with running(public) as client:
        message = a_fresh_request(await client.issuer())
        assert len({(await client.issue(message)).json for _ in range(2 * places.AT_ONCE)}) == 1
    with sqlite3.connect(public.data_dir / "credentials.db") as connection:
        reserved = connection.execute("SELECT count(*) FROM status_entry").fetchone()
    connection.close()

    assert reserved == (places.AT_ONCE,)


async def test_a_message_under_the_id_of_a_document_shares_its_place_and_its_revocation(public):
    async with running(public) as client:
        message = a_fresh_request(await client.issuer())
        document = await sign(client, a_document(message.id.urn), revocable=True)
        credential = await client.issue(message)
        await void(client, credential.message_id)

        assert status_in(credential) == status_in(document)
        assert not await accepted(client, credential.json)


async def test_a_thousand_credentials_at_once_get_places_of_their_own(public):
    async with running(public) as client:
        issuer = await client.issuer()
        issued = await asyncio.gather(*(client.issue(numbered(issuer, number)) for number in range(1000)))

    indices = [int(status_in(each)["statusListIndex"]) for each in issued]
    assert len(set(indices)) == 1000
    assert max(indices) < ENTRIES
    # Random: not in the order of issue, and all over the list.
    assert indices != sorted(indices)
    assert all(any(index * 8 // ENTRIES == part for index in indices) for part in range(8))


async def test_two_processes_at_once_take_no_place_twice(public):
    async with running(public) as one, running(public) as other:
        issuer = await one.issuer()
        issued = await asyncio.gather(
            *(client.issue(numbered(issuer, number)) for number in range(100) for client in (one, other))
        )

    places = {each.message_id: status_in(each)["statusListIndex"] for each in issued}
    assert len(set(places.values())) == len(places) == 100
    assert len({each.json for each in issued}) == 100


async def test_a_full_list_is_followed_by_another(public, monkeypatch):
    monkeypatch.setattr(status_store, "FULL_AT", 3)
    async with running(public) as client:
        issuer = await client.issuer()
        issued = [await client.issue(numbered(issuer, number)) for number in range(7)]
        await void(client, issued[6].message_id)

        lists = [status_in(each)["statusListCredential"].rpartition("/")[2] for each in issued]
        assert lists == ["1", "1", "1", "2", "2", "2", "3"]
        assert is_revoked((await the_list(client, "3")).credential, issued[6])
        assert not await accepted(client, issued[6].json)


async def test_a_place_that_is_taken_is_not_given_again(public, monkeypatch):
    monkeypatch.setattr(status_store, "ENTRIES", 8)
    monkeypatch.setattr(status_store, "FULL_AT", 8)
    async with running(public) as client:
        issuer = await client.issuer()
        issued = [await client.issue(numbered(issuer, number)) for number in range(8)]

    assert {status_in(each)["statusListIndex"] for each in issued} == set("01234567")
