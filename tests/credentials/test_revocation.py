"""Credentials that can be revoked: their places, the list that tells, and when the list of another is asked for."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import sqlite3
import string
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import grpc
import pytest
import structlog

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.codec import classic
from services.credentials import own_status_lists, places, status_store, wiring
from services.credentials.key_ring import FRESH_SECONDS
from services.credentials.keys import IssuerKey
from services.credentials.status_lists import ENTRIES, Place, encode, to_list, to_status
from services.messages.document import Document, message_digest, to_document, without_security
from services.messages.message import Message, PaymentMethod
from services.messages.protobuf import from_message
from services.runtime.guarded_fetch import GuardedFetch
from services.runtime.settings import Settings
from tests.codec.test_classic import ALPHABETS
from tests.credentials.parties import MALLORY, STRANGER, a_claim, a_request, an_acknowledgement, sign_anything
from tests.credentials.test_key_ring import method_in, numbered, revoke, rotate
from tests.credentials.test_service import Client, a_fresh_request, found, now, refused, running
from tests.runtime.web import Web, serving

URL = "https://pay.example.org"


@pytest.fixture
def public(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": URL})


async def void(client: Client, id: str) -> None:
    await client.stub.RevokeCredential(rpc.RevokeCredentialRequest(credential_id=id))


async def the_list(client: Client, list_id: str = "1") -> rpc.GetStatusListResponse:
    return await client.stub.GetStatusList(rpc.GetStatusListRequest(list_id=list_id))


async def sign(client: Client, document: Document, **fields: Any) -> str:
    request = rpc.SignDocumentRequest(document=json.dumps(document), **fields)
    return (await client.stub.SignDocument(request)).credential


def status_in(credential: pb.Credential | str) -> Document:
    status = json.loads(credential if isinstance(credential, str) else credential.json)["credentialStatus"]
    assert isinstance(status, dict)
    return status


def is_revoked(signed_list: str, credential: pb.Credential | str) -> bool:
    """By the specification alone, as a stranger reads it."""
    encoded = json.loads(signed_list)["credentialSubject"]["encodedList"]
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=="))
    index = int(status_in(credential)["statusListIndex"])
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


async def accepted(client: Client, text: str) -> bool:
    return (await client.verify(text)).verdict.accepted


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
    with structlog.testing.capture_logs() as lines:
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


@pytest.mark.parametrize("list_id", ["", "0", "2", "-1", "01", "1.0", "x", "../1", "9" * 50, "\u0661"])
async def test_a_list_that_there_is_not_is_refused(public, list_id):
    async with running(public) as client:
        await client.issue(a_fresh_request(await client.issuer()))

        assert await refused(the_list(client, list_id)) == (grpc.StatusCode.NOT_FOUND, "STATUS_LIST_NOT_FOUND")


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


def a_document(id: str | None = None, **fields: Any) -> Document:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
        **({"id": id} if id else {}),
        **fields,
    }


# Others' lists.

LIST = "/status-lists/7"
HERE = "127.0.0.0/8"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(tmp_path) as web:
        yield web


@pytest.fixture
def trusting(settings: Settings, web: Web, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Fetching is on, and one stranger is trusted."""

    def made(allowed: tuple[str, ...]) -> GuardedFetch:
        return GuardedFetch(allowed, resolve=web.resolve, tls=web.trusting)

    monkeypatch.setattr(wiring, "GuardedFetch", made)
    return settings.model_copy(update={"fetch": True, "fetch_allowed": (HERE,), "trusted_issuers": (STRANGER.did,)})


def theirs(web: Web, key: IssuerKey = STRANGER, index: int = 5, issuer: str = "", **status: Any) -> str:
    """A stranger's request with a place in their list."""
    entry = {**to_status(web.url("").rstrip("/"), Place(7, index)), **status}
    document = {**to_document(a_fresh_request(issuer or key.did)), "credentialStatus": entry}
    return json.dumps(sign_anything(document, key))


def publish(web: Web, *revoked: int, key: IssuerKey = STRANGER, subject: Any = None, **changes: Any) -> None:
    document = to_list(web.url(LIST), key.did, revoked, now()) | changes
    document["credentialSubject"] |= subject or {}
    web.pages[LIST] = json.dumps(sign_anything(document, key)).encode()


async def revocation(settings: Settings, text: str) -> tuple[str, str]:
    async with running(settings) as client:
        response = await client.verify(text)
    assert response.verdict.accepted is (set(found(response).values()) == {"pass"})
    check = next(check for check in response.verdict.checks if check.name == "revocation")
    return found(response)["revocation"], check.detail


@pytest.mark.parametrize(("revoked", "outcome"), [((), "pass"), ((4, 6), "pass"), ((5,), "fail")])
async def test_the_list_of_a_trusted_issuer_is_looked_into(trusting, web, revoked, outcome):
    publish(web, *revoked)

    assert (await revocation(trusting, theirs(web)))[0] == outcome
    assert web.asked == [LIST]


async def test_without_fetching_the_list_of_another_is_unknown_and_not_accepted(trusting, web):
    publish(web)

    outcome, why = await revocation(trusting.model_copy(update={"fetch": False}), theirs(web))

    assert outcome == "unknown"
    assert "COUNTERFOIL_FETCH" in why
    assert web.asked == []


@pytest.mark.parametrize("trusted", [(), (MALLORY.did,)])
async def test_pitfall_8_the_list_of_an_issuer_that_is_not_trusted_is_not_asked_for(trusting, web, trusted):
    """Its address is one that the issuer has chosen, and anybody can be an issuer."""
    publish(web)

    settings = trusting.model_copy(update={"trusted_issuers": trusted})

    assert (await revocation(settings, theirs(web)))[0] == "unknown"
    assert web.asked == web.resolved == []


async def test_pitfall_8_a_list_named_in_a_forgery_is_not_asked_for(trusting, web):
    """An attacker writes the trusted issuer's name and an address of their own choice into it."""
    publish(web, key=MALLORY)
    altered = json.loads(theirs(web))
    altered["credentialStatus"]["statusListCredential"] = web.url("/attack")
    for forgery in (theirs(web, MALLORY, issuer=STRANGER.did), json.dumps(altered)):
        assert (await revocation(trusting, forgery))[0] == "unknown"
    assert web.asked == web.resolved == []


async def test_pitfall_8_a_list_that_leads_inside_is_unknown(trusting, web):
    publish(web)

    outcome, why = await revocation(trusting.model_copy(update={"fetch_allowed": ()}), theirs(web))

    assert outcome == "unknown"
    assert "not public" in why
    assert web.asked == []


async def test_pitfall_8_a_list_that_is_not_there_is_unknown_and_never_a_pass(trusting, web):
    assert (await revocation(trusting, theirs(web)))[0] == "unknown"


NOT_THEIR_LIST: dict[str, dict[str, Any]] = {
    "signed by another": {"key": MALLORY},
    "another list of theirs": {"id": "https://ids.example/status-lists/8"},
    "no list": {"type": ["VerifiableCredential"]},
    "over": {"validUntil": "2020-01-01T00:00:00Z"},
    "not yet": {"validFrom": "2100-01-01T00:00:00Z"},
    "with an unknown context": {"@context": ["https://www.w3.org/ns/credentials/v2", "https://evil.example/v1"]},
    "larger than is read": {"subject": {"encodedList": "u" + "A" * 400_000}},
}


@pytest.mark.parametrize("changes", NOT_THEIR_LIST.values(), ids=NOT_THEIR_LIST)
async def test_pitfall_8_a_list_that_is_not_the_issuers_good_one_is_unknown(trusting, web, changes):
    publish(web, **changes)

    assert (await revocation(trusting, theirs(web)))[0] == "unknown"


async def test_pitfall_8_a_list_that_was_altered_is_unknown(trusting, web):
    publish(web, 5)
    document = json.loads(web.pages[LIST])
    document["credentialSubject"]["encodedList"] = encode([])
    web.pages[LIST] = json.dumps(document).encode()

    assert (await revocation(trusting, theirs(web)))[0] == "unknown"


def _short_list() -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(100))).decode().rstrip("=")


async def test_pitfall_8_a_list_that_is_too_short_fails(trusting, web):
    publish(web, subject={"encodedList": _short_list()})

    outcome, why = await revocation(trusting, theirs(web))

    assert outcome == "fail"
    assert "too short" in why


@pytest.mark.parametrize("status", [{"statusListIndex": "131072"}, {"statusListIndex": "-1"}, {"statusListIndex": 5}])
async def test_pitfall_8_a_place_that_is_none_fails(trusting, web, status):
    publish(web)

    assert (await revocation(trusting, theirs(web, **status)))[0] == "fail"


async def test_pitfall_8_a_list_for_another_purpose_fails(trusting, web):
    publish(web, subject={"statusPurpose": "suspension"})

    assert (await revocation(trusting, theirs(web)))[0] == "fail"


async def test_a_list_is_asked_for_once_within_its_time(trusting, web):
    publish(web)
    async with running(trusting) as client:
        for index in range(4):
            assert await accepted(client, theirs(web, index=index))

    assert web.asked == [LIST]


async def test_a_list_is_asked_for_again_when_its_time_is_over(trusting, web):
    publish(web, subject={"ttl": 0})
    async with running(trusting) as client:
        assert await accepted(client, theirs(web))
        publish(web, 5, subject={"ttl": 0})

        assert not await accepted(client, theirs(web))


async def test_a_list_that_is_not_to_be_had_is_not_asked_for_at_every_call(trusting, web):
    async with running(trusting) as client:
        for _ in range(3):
            await client.verify(theirs(web))

    assert web.asked == [LIST]


async def test_two_services_trust_each_other_by_list_and_did(tmp_path, web, monkeypatch, settings):
    """What one publishes is enough for the other: the DID document, the list, and nothing else."""
    host = f"ids.example%3A{web.port}"
    monkeypatch.setattr(
        wiring, "GuardedFetch", lambda allowed: GuardedFetch(allowed, resolve=web.resolve, tls=web.trusting)
    )
    one = settings.model_copy(update={"did_web": host, "public_url": web.url("")})
    other = Settings(
        data_dir=tmp_path / "other", fetch=True, fetch_allowed=(HERE,), trusted_issuers=(f"did:web:{host}",)
    )
    async with running(one) as issuer, running(other) as verifier:
        lost, kept = [await issuer.issue(numbered(await issuer.issuer(), number)) for number in (1, 2)]
        await void(issuer, lost.message_id)
        document = (await issuer.stub.GetDidDocument(rpc.GetDidDocumentRequest())).document
        web.pages["/.well-known/did.json"] = document.encode()
        web.pages["/status-lists/1"] = (await the_list(issuer)).credential.encode()

        assert await accepted(verifier, kept.json)
        assert found(await verifier.verify(lost.json))["revocation"] == "fail"
        assert sorted(web.asked) == ["/.well-known/did.json", "/status-lists/1"]


# What unknown means.


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [((), False), (("revocation",), True), (("trust", "link"), False)],
)
async def test_what_is_unknown_is_not_accepted_unless_a_setting_says_so_by_name(trusting, web, accept, accepted):
    settings = trusting.model_copy(update={"fetch": False, "accept_unknown": accept})
    async with running(settings) as client:
        response = await client.verify(theirs(web))

    assert found(response)["revocation"] == "unknown"
    assert response.verdict.verified
    assert response.verdict.accepted is accepted


async def test_what_failed_is_not_accepted_whatever_may_be_unknown(public):
    every = ("key_status", "issuer_authority", "link", "revocation", "trust")
    async with running(public.model_copy(update={"accept_unknown": every})) as client:
        credential = await client.issue(a_fresh_request(await client.issuer()))
        await void(client, credential.message_id)

        assert not await accepted(client, credential.json)
        assert not await accepted(client, "")


async def test_a_signature_that_is_unknown_is_never_accepted(settings):
    every = ("key_status", "issuer_authority", "link", "revocation", "trust")
    named = STRANGER.named("did:web:bank.example")
    text = json.dumps(
        sign_anything(to_document(a_fresh_request(named.did)), named, verificationMethod=named.verification_method)
    )
    async with running(settings.model_copy(update={"accept_unknown": every})) as client:
        response = await client.verify(text)

    assert found(response)["signature"] == "unknown"
    assert not response.verdict.accepted
