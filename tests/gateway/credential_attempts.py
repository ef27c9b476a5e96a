"""What is asked of keys and credentials in vain, and the reason with which each is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.gateway.attempts import Attempt, cancel, noting
from tests.gateway.conftest import Gate

CREDENTIAL_ATTEMPTS: list[tuple[str, str, Attempt]] = []
refused = noting(CREDENTIAL_ATTEMPTS)


@refused("INVALID_FIELD")
async def conversation_of_hundreds(gate: Gate) -> Any:
    return await gate.credentials.VerifyConversation(credentials_pb.VerifyConversationRequest(credentials=["{}"] * 33))


@refused("MESSAGE_ID_CONFLICT")
async def another_message_under_the_same_id(gate: Gate) -> Any:
    asked = await gate.request()
    other = message_pb2.Message()
    other.CopyFrom(asked.session.request)
    other.request.description = "something else"
    return await gate.credentials.IssueCredential(credentials_pb.IssueCredentialRequest(message=other))


@refused("ISSUER_UNKNOWN")
async def message_of_another_issuer(gate: Gate) -> Any:
    asked = await gate.request()
    asked.session.request.issuer = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    asked.session.request.id = str(uuid4())
    request = credentials_pb.IssueCredentialRequest(message=asked.session.request)
    return await gate.credentials.IssueCredential(request)


@refused("ISSUER_UNKNOWN")
async def claim_under_a_request_whose_key_was_revoked(gate: Gate) -> Any:
    asked = await gate.request()
    await _revoke_key(gate, asked)
    try:
        return await gate.claim(asked.session.id)
    finally:
        assert (await gate.session(asked.session.id)).session.sequence == 1


@refused("ISSUER_UNKNOWN")
async def cancellation_of_a_request_whose_key_was_revoked(gate: Gate) -> Any:
    asked = await gate.request()
    await _revoke_key(gate, asked)
    return await cancel(gate, asked)


@refused("CLAIM_NOT_VERIFIED")
async def acknowledgement_of_a_claim_whose_key_was_revoked(gate: Gate) -> Any:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    await _revoke_key(gate, asked)
    return await gate.acknowledge(asked.payee_token, claimed.text)


@refused("CREDENTIAL_NOT_FOUND")
async def credential_that_was_not_issued(gate: Gate) -> Any:
    return await gate.credentials.GetCredential(credentials_pb.GetCredentialRequest(message_id=str(uuid4())))


@refused("CREDENTIAL_NOT_FOUND")
async def revocation_of_what_was_not_issued(gate: Gate) -> Any:
    request = credentials_pb.RevokeCredentialRequest(credential_id=str(uuid4()))
    return await gate.credentials.RevokeCredential(request)


@refused("NOT_REVOCABLE")
async def revocation_of_what_has_no_place_in_a_list(gate: Gate) -> Any:
    asked = await gate.request()
    request = credentials_pb.RevokeCredentialRequest(credential_id=asked.session.request.id)
    return await gate.credentials.RevokeCredential(request)


@refused("STATUS_LIST_NOT_FOUND")
async def status_list_that_there_is_not(gate: Gate) -> Any:
    return await gate.credentials.GetStatusList(credentials_pb.GetStatusListRequest(list_id="1"))


@refused("KEY_NOT_FOUND")
async def revocation_of_somebody_elses_key(gate: Gate) -> Any:
    did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    method = f"{did}#{did.removeprefix('did:key:')}"
    return await gate.credentials.RevokeKey(credentials_pb.RevokeKeyRequest(verification_method=method))


@refused("MALFORMED_CREDENTIAL")
async def document_that_is_no_credential(gate: Gate) -> Any:
    return await gate.credentials.SignDocument(credentials_pb.SignDocumentRequest(document='{"a": 1, "a": 2}'))


async def _revoke_key(gate: Gate, asked: pb.RequestPaymentResponse) -> None:
    """The key that signed the request; another takes its place."""
    method = json.loads(asked.credential.json)["proof"]["verificationMethod"]
    await gate.credentials.RevokeKey(credentials_pb.RevokeKeyRequest(verification_method=method))
