"""Between protobuf and the use cases; decides nothing."""

from __future__ import annotations

import json
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceServicer
from services.credentials.did_document import did_document
from services.credentials.domain import Credential, KeyState, Outcome, Verdict, Verification
from services.credentials.key_ring import KeyRing
from services.credentials.keys import Keys, WrappedKey
from services.credentials.own_status_lists import OwnStatusLists
from services.credentials.presentations import Occasion
from services.credentials.status_lists import TTL
from services.credentials.suites import KEY_KINDS, KeyKind
from services.credentials.usecases import Credentials
from services.credentials.verifier import Verifier
from services.messages.protobuf import from_message, from_uuid, to_kind, to_message, to_time
from services.messages.refusals import InvalidField

Context = grpc.aio.ServicerContext[Any, Any]

CONVERSATION_MAX = 32
SESSIONS_MAX = 100

_OUTCOMES: dict[Outcome, pb.CheckOutcome.ValueType] = {
    Outcome.PASS: pb.CHECK_OUTCOME_PASS,
    Outcome.FAIL: pb.CHECK_OUTCOME_FAIL,
    Outcome.UNKNOWN: pb.CHECK_OUTCOME_UNKNOWN,
}
_STATES: dict[KeyState, pb.KeyState.ValueType] = {
    KeyState.CURRENT: pb.KEY_STATE_CURRENT,
    KeyState.RETIRED: pb.KEY_STATE_RETIRED,
    KeyState.REVOKED: pb.KEY_STATE_REVOKED,
}


class CredentialsServicer(CredentialsServiceServicer):
    def __init__(
        self, credentials: Credentials, verifier: Verifier, keys: KeyRing, status_lists: OwnStatusLists
    ) -> None:
        self._credentials = credentials
        self._verifier = verifier
        self._keys = keys
        self._status_lists = status_lists

    async def GetIssuer(self, request: rpc.GetIssuerRequest, context: Context) -> rpc.GetIssuerResponse:
        keys = await self._keys.fresh()
        issuer = keys.current
        return rpc.GetIssuerResponse(issuer=issuer.did, cryptosuite=issuer.cryptosuite, issuers=keys.issuers)

    async def IssueCredential(
        self, request: rpc.IssueCredentialRequest, context: Context
    ) -> rpc.IssueCredentialResponse:
        credential = await self._credentials.issue(from_message(request.message))
        return rpc.IssueCredentialResponse(credential=to_credential(credential))

    async def KeepCredential(self, request: rpc.KeepCredentialRequest, context: Context) -> rpc.KeepCredentialResponse:
        return rpc.KeepCredentialResponse(credential=to_credential(await self._credentials.keep(request.credential)))

    async def VerifyCredential(
        self, request: rpc.VerifyCredentialRequest, context: Context
    ) -> rpc.VerifyCredentialResponse:
        found = await self._verifier.verify(request.credential, any_statement=request.any_statement)
        return to_verification(found)

    async def VerifyConversation(
        self, request: rpc.VerifyConversationRequest, context: Context
    ) -> rpc.VerifyConversationResponse:
        if len(request.credentials) > CONVERSATION_MAX:
            raise InvalidField(
                f"credentials: more than {CONVERSATION_MAX}; give only what belongs together", field="credentials"
            )
        found = await self._verifier.verify_conversation(request.credentials)
        return rpc.VerifyConversationResponse(credentials=map(to_verification, found))

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

    async def DeleteCredentials(
        self, request: rpc.DeleteCredentialsRequest, context: Context
    ) -> rpc.DeleteCredentialsResponse:
        if len(request.session_ids) > SESSIONS_MAX:
            raise InvalidField(f"session_ids: more than {SESSIONS_MAX}; give fewer at a time", field="session_ids")
        await self._credentials.delete_of_sessions([from_uuid(each, "session_ids") for each in request.session_ids])
        return rpc.DeleteCredentialsResponse()

    async def SignDocument(self, request: rpc.SignDocumentRequest, context: Context) -> rpc.SignDocumentResponse:
        if request.format not in pb.SecuringFormat.values():
            raise InvalidField("format: not one of its values; leave it unset for DATA_INTEGRITY", field="format")
        signed = await self._credentials.sign(
            request.document, revocable=request.revocable, as_jwt=request.format == pb.SECURING_FORMAT_VC_JWT
        )
        return rpc.SignDocumentResponse(credential=signed)

    async def VerifyPresentation(
        self, request: rpc.VerifyPresentationRequest, context: Context
    ) -> rpc.VerifyPresentationResponse:
        occasion = Occasion(request.challenge, request.domain)
        verdict = await self._verifier.verify_presentation(request.presentation, occasion)
        return rpc.VerifyPresentationResponse(
            verdict=to_verdict(verdict), credentials=map(to_verdict, verdict.credentials)
        )

    async def RevokeCredential(
        self, request: rpc.RevokeCredentialRequest, context: Context
    ) -> rpc.RevokeCredentialResponse:
        await self._credentials.revoke(request.credential_id)
        return rpc.RevokeCredentialResponse()

    async def GetStatusList(self, request: rpc.GetStatusListRequest, context: Context) -> rpc.GetStatusListResponse:
        signed = await self._status_lists.signed(request.list_id, await self._keys.fresh())
        return rpc.GetStatusListResponse(credential=signed, max_age=Duration(seconds=int(TTL.total_seconds())))

    async def ListKeys(self, request: rpc.ListKeysRequest, context: Context) -> rpc.ListKeysResponse:
        keys = await self._keys.reload()
        return rpc.ListKeysResponse(keys=(to_key(keys, key) for key in keys.stored))

    async def RotateKey(self, request: rpc.RotateKeyRequest, context: Context) -> rpc.RotateKeyResponse:
        keys = await self._keys.rotate(from_kind(request.cryptosuite), request.replaces)
        return rpc.RotateKeyResponse(key=to_key(keys, keys.current_stored))

    async def RevokeKey(self, request: rpc.RevokeKeyRequest, context: Context) -> rpc.RevokeKeyResponse:
        keys, key = await self._keys.revoke(request.verification_method)
        return rpc.RevokeKeyResponse(key=to_key(keys, key))

    async def GetDidDocument(self, request: rpc.GetDidDocumentRequest, context: Context) -> rpc.GetDidDocumentResponse:
        document = did_document(await self._keys.fresh())
        return rpc.GetDidDocumentResponse(document=json.dumps(document))


def to_key(keys: Keys, key: WrappedKey) -> pb.IssuerKey:
    """The public side, under the name that proofs give it today."""
    name = next(keys.names(key))
    return pb.IssuerKey(
        issuer=name.partition("#")[0],
        verification_method=name,
        cryptosuite=key.kind,
        state=_STATES[key.state],
        create_time=to_time(key.created_at),
        retire_time=to_time(key.retired_at) if key.retired_at else None,
        revoke_time=to_time(key.revoked_at) if key.revoked_at else None,
    )


def from_kind(value: str) -> KeyKind | None:
    """None for an empty text. Raises InvalidField."""
    if value and value not in KEY_KINDS:
        raise InvalidField(
            f"cryptosuite: not one that keys are made for; give {', '.join(KEY_KINDS[:-1])} or {KEY_KINDS[-1]}",
            field="cryptosuite",
        )
    return value or None


def to_credential(credential: Credential) -> pb.Credential:
    return pb.Credential(
        message_id=credential.message_id,
        session_id=credential.session_id,
        kind=to_kind(credential.kind),
        issuer=credential.issuer,
        digest=credential.digest,
        json=credential.json,
    )


def to_verification(found: Verification) -> rpc.VerifyCredentialResponse:
    return rpc.VerifyCredentialResponse(
        verdict=to_verdict(found.verdict),
        message=to_message(found.message) if found.message else None,
        digest=found.digest or b"",
    )


def to_verdict(verdict: Verdict) -> pb.Verdict:
    checks = [
        pb.Check(name=check.name, outcome=_OUTCOMES[check.outcome], detail=check.detail) for check in verdict.checks
    ]
    return pb.Verdict(checks=checks, verified=verdict.verified, accepted=verdict.accepted)
