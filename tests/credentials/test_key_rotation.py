"""A new key signs, and what the one before signed still holds."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import grpc
import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from tests.credentials.key_calls import in_each_name, keys, method_in, numbered, rotate
from tests.credentials.parties import SUITES, a_claim, an_acknowledgement
from tests.credentials.test_service import a_fresh_request, now, refused, running


@in_each_name
async def test_after_a_rotation_the_new_key_signs_and_what_the_old_one_signed_still_holds(settings, did_web):
    async with running(settings.model_copy(update={"did_web": did_web})) as client:
        before = await client.issue(numbered(await client.issuer(), 1))
        fresh = await rotate(client)
        after = await client.issue(numbered(await client.issuer(), 2))

        assert method_in(before) != method_in(after) == fresh.verification_method
        assert [key.state for key in await keys(client)] == [pb.KEY_STATE_CURRENT, pb.KEY_STATE_RETIRED]
        for credential in (before, after):
            assert (await client.verify(credential.json)).verdict.accepted, credential.json


async def test_a_did_key_issuer_changes_with_its_key_and_a_did_web_does_not(settings):
    for did_web, same in ((None, False), ("pay.example.org", True)):
        async with running(settings.model_copy(update={"did_web": did_web})) as client:
            before = await client.issuer()
            await rotate(client)

            assert (await client.issuer() == before) is same


async def test_a_retired_key_signs_the_messages_that_name_it(settings):
    """They were recorded before the rotation, or answer what was."""
    async with running(settings) as client:
        request = a_fresh_request(await client.issuer())
        await client.issue(request)
        await rotate(client)
        claim = replace(a_claim(request, await client.issuer()), issued_at=now())
        answer = replace(an_acknowledgement(claim, request.issuer), issued_at=now())
        for message in (claim, answer):
            credential = await client.issue(message)

            assert credential.issuer == message.issuer
            assert (await client.verify(credential.json)).verdict.accepted


async def test_a_rotation_that_is_retried_changes_nothing(settings):
    async with running(settings) as client:
        (first,) = await keys(client)
        fresh = await rotate(client, replaces=first.verification_method)

        assert await rotate(client, replaces=first.verification_method) == fresh
        assert len(await keys(client)) == 2
        assert await rotate(client) != fresh


async def test_of_many_rotations_of_one_key_at_once_one_happens(settings):
    async with running(settings) as client:
        (first,) = await keys(client)

        made = await asyncio.gather(*(rotate(client, replaces=first.verification_method) for _ in range(20)))

        assert len({key.verification_method for key in made}) == 1
        assert len(await keys(client)) == 2


@pytest.mark.parametrize("suite", SUITES)
async def test_a_rotation_may_change_the_suite(settings, suite):
    async with running(settings) as client:
        assert (await rotate(client, cryptosuite=suite)).cryptosuite == suite
        credential = await client.issue(a_fresh_request(await client.issuer()))

        assert json.loads(credential.json)["proof"]["cryptosuite"] == suite.partition("/")[0]
        assert (await client.verify(credential.json)).verdict.accepted


async def test_a_suite_that_there_is_not_is_refused(settings):
    async with running(settings) as client:
        assert await refused(rotate(client, cryptosuite="rot13")) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
        )
