"""Between protobuf and the use cases; decides nothing."""

from __future__ import annotations

from typing import Any

import grpc

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceServicer
from services.credentials.domain import Credential, Outcome, Verdict
from services.credentials.usecases import Credentials
from services.messages.protobuf import from_message, from_uuid, to_kind, to_message

Context = grpc.aio.ServicerContext[Any, Any]

_OUTCOMES: dict[Outcome, pb.CheckOutcome.ValueType] = {
    Outcome.PASS: pb.CHECK_OUTCOME_PASS,
    Outcome.FAIL: pb.CHECK_OUTCOME_FAIL,
    Outcome.UNKNOWN: pb.CHECK_OUTCOME_UNKNOWN,
}


class CredentialsServicer(CredentialsServiceServicer):
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def GetIssuer(self, request: rpc.GetIssuerRequest, context: Context) -> rpc.GetIssuerResponse:
        issuer = self._credentials.issuer()
        return rpc.GetIssuerResponse(issuer=issuer.did, cryptosuite=issuer.cryptosuite)

    async def IssueCredential(
        self, request: rpc.IssueCredentialRequest, context: Context
    ) -> rpc.IssueCredentialResponse:
        credential = await self._credentials.issue(from_message(request.message))
        return rpc.IssueCredentialResponse(credential=to_credential(credential))

    async def VerifyCredential(
        self, request: rpc.VerifyCredentialRequest, context: Context
    ) -> rpc.VerifyCredentialResponse:
        found = await self._credentials.verify(request.credential)
        return rpc.VerifyCredentialResponse(
            verdict=to_verdict(found.verdict),
            message=to_message(found.message) if found.message else None,
            digest=found.digest or b"",
        )

    async def GetCredential(self, request: rpc.GetCredentialRequest, context: Context) -> rpc.GetCredentialResponse:
        credential = await self._credentials.get(from_uuid(request.message_id, "message_id"))
        return rpc.GetCredentialResponse(credential=to_credential(credential))

    async def ListCredentials(
        self, request: rpc.ListCredentialsRequest, context: Context
    ) -> rpc.ListCredentialsResponse:
        page = await self._credentials.list(
            session_id=from_uuid(request.session_id, "session_id"),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return rpc.ListCredentialsResponse(
            credentials=map(to_credential, page.credentials), next_page_token=page.next_page_token
        )


def to_credential(credential: Credential) -> pb.Credential:
    return pb.Credential(
        message_id=str(credential.message_id),
        session_id=str(credential.session_id),
        kind=to_kind(credential.kind),
        issuer=credential.issuer,
        digest=credential.digest,
        json=credential.json,
    )


def to_verdict(verdict: Verdict) -> pb.Verdict:
    checks = [
        pb.Check(name=check.name, outcome=_OUTCOMES[check.outcome], detail=check.detail) for check in verdict.checks
    ]
    return pb.Verdict(checks=checks, verified=verdict.verified, accepted=verdict.accepted)
