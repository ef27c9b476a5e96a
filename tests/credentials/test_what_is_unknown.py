"""What could not be found out keeps a credential from being accepted, unless a setting names it."""

from __future__ import annotations

import json

import pytest

from services.messages.document import to_document
from tests.credentials.others_lists import theirs
from tests.credentials.parties import STRANGER, sign_anything
from tests.credentials.revoking import accepted, void
from tests.credentials.test_service import a_fresh_request, found, running


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
