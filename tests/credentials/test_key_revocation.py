"""Whatever a revoked key signed is void."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import grpc
import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from services.credentials import suites
from tests.credentials.key_calls import in_each_name, keys, method_in, numbered, revoke, rotate
from tests.credentials.parties import SERVICE
from tests.credentials.test_service import a_fresh_request, found, refused, running


@in_each_name
async def test_whatever_a_revoked_key_signed_fails_by_name_and_the_rest_holds(settings, did_web):
    async with running(settings.model_copy(update={"did_web": did_web})) as client:
        lost = await client.issue(numbered(await client.issuer(), 1))
        await rotate(client)
        good = await client.issue(numbered(await client.issuer(), 2))

        revoked = await revoke(client, method_in(lost))

        assert revoked.state == pb.KEY_STATE_REVOKED
        assert revoked.HasField("revoke_time")
        response = await client.verify(lost.json)
        failing = {name for name, outcome in found(response).items() if outcome == "fail"}
        assert failing == {"key_status"}
        assert not response.verdict.verified
        assert not response.verdict.accepted
        assert "revoked" in next(check.detail for check in response.verdict.checks if check.name == "key_status")
        assert (await client.verify(good.json)).verdict.accepted


async def test_a_revoked_key_that_is_current_is_replaced_by_one_of_its_suite(settings):
    async with running(settings) as client:
        lost = await rotate(client, cryptosuite=suites.ECDSA_P256)
        await revoke(client, lost.verification_method)
        fresh, *old = await keys(client)

        assert (fresh.state, fresh.cryptosuite) == (pb.KEY_STATE_CURRENT, suites.ECDSA_P256)
        assert [key.state for key in old] == [pb.KEY_STATE_REVOKED, pb.KEY_STATE_RETIRED]
        assert old[0].HasField("retire_time")
        assert (await client.verify((await client.issue(a_fresh_request(fresh.issuer))).json)).verdict.accepted


async def test_a_revocation_that_is_repeated_changes_nothing(settings):
    async with running(settings) as client:
        (key,) = await keys(client)
        first = await revoke(client, key.verification_method)
        after = await keys(client)

        assert await revoke(client, key.verification_method) == first
        assert await keys(client) == after


async def test_of_many_revocations_of_the_current_key_at_once_one_makes_a_new_key(settings):
    async with running(settings) as client:
        (key,) = await keys(client)

        await asyncio.gather(*(revoke(client, key.verification_method) for _ in range(20)))

        assert len(await keys(client)) == 2


async def test_a_revoked_key_signs_nothing_but_what_it_signed_is_still_told(settings):
    async with running(settings) as client:
        message = numbered(await client.issuer(), 1)
        before = await client.issue(message)
        await revoke(client, method_in(before))

        refusal = await refused(client.issue(replace(message, id=UUID(int=2))))
        assert refusal == (grpc.StatusCode.FAILED_PRECONDITION, "ISSUER_UNKNOWN")
        assert await client.issue(message) == before


@pytest.mark.parametrize("name", ["", "x", "did:key:z6Mk", SERVICE.verification_method])
async def test_a_key_that_is_not_the_services_cannot_be_revoked(settings, name):
    async with running(settings) as client:
        assert await refused(revoke(client, name)) == (grpc.StatusCode.NOT_FOUND, "KEY_NOT_FOUND")
