"""When the status list of another is asked for, and what counts of it."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.credentials import wiring
from services.credentials.status_lists import encode
from services.runtime.guarded_fetch import GuardedFetch
from services.runtime.settings import Settings
from tests.credentials.key_calls import numbered
from tests.credentials.others_lists import HERE, LIST, publish, revocation, theirs
from tests.credentials.parties import MALLORY, STRANGER
from tests.credentials.revoking import accepted, the_list, void
from tests.credentials.test_service import found, running


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
