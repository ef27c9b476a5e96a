"""Credentials of sessions that were archived, deleted here."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import grpc

from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from tests.credentials.revoking import URL, accepted, is_revoked, the_list, void
from tests.credentials.test_service import Client, a_fresh_request, found, refused, running


async def delete(client: Client, *session_ids: str) -> None:
    await client.stub.DeleteCredentials(rpc.DeleteCredentialsRequest(session_ids=session_ids))


async def test_the_credentials_of_a_session_go_and_no_others(database_settings):
    async with running(database_settings) as client:
        message = a_fresh_request(await client.issuer())
        gone = await client.issue(message)
        kept = await client.issue(replace(message, id=uuid4(), session_id=uuid4()))

        for _ in range(2):
            await delete(client, gone.session_id, str(uuid4()))

        assert await refused(client.get(gone.message_id)) == (grpc.StatusCode.NOT_FOUND, "CREDENTIAL_NOT_FOUND")
        assert not (await client.list(gone.session_id)).credentials
        assert await client.get(kept.message_id) == kept


async def test_who_kept_a_deleted_credential_learns_that_it_is_good_or_revoked_as_before(database_settings):
    async with running(database_settings.model_copy(update={"public_url": URL})) as client:
        credential = await client.issue(a_fresh_request(await client.issuer()))
        await delete(client, credential.session_id)
        assert await accepted(client, credential.json)

        await void(client, credential.message_id)

        assert found(await client.verify(credential.json))["revocation"] == "fail"
        assert is_revoked((await the_list(client)).credential, credential)


async def test_a_deleted_credential_that_is_made_again_is_the_same_at_the_same_place(database_settings):
    async with running(database_settings.model_copy(update={"public_url": URL})) as client:
        message = a_fresh_request(await client.issuer())
        before = await client.issue(message)
        await delete(client, before.session_id)

        assert await client.issue(message) == before


async def test_more_sessions_than_one_transaction_should_delete_are_refused(database_settings):
    async with running(database_settings) as client:
        many = delete(client, *(str(uuid4()) for _ in range(101)))

        assert await refused(many) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        assert await refused(delete(client, "x")) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
