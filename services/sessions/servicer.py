"""The gRPC face of sessions: translates, and decides nothing."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.duration_pb2 import Duration

from counterfoil.sessions.v1 import session_pb2, sessions_service_pb2_grpc
from counterfoil.sessions.v1 import sessions_service_pb2 as pb
from services.messages import protobuf as to
from services.messages.message import Claim, check_did
from services.messages.refusals import InvalidField, InvalidPageToken
from services.sessions.domain import Session
from services.sessions.protobuf import to_session
from services.sessions.retention import ENDED_FOR_MIN, Retention
from services.sessions.usecases import Opening, Retry, Sessions

Context = grpc.aio.ServicerContext[Any, Any]

PAGE_SIZE, PAGE_SIZE_MAX = 20, 100
DAYS_MAX = 36500
# So that those of a whole session fit one answer.
CREDENTIAL_BYTES_MAX = 6 * 1024


class SessionsServicer(sessions_service_pb2_grpc.SessionsServiceServicer):
    def __init__(self, sessions: Sessions, retention: Retention) -> None:
        self._sessions = sessions
        self._retention = retention

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Context) -> pb.OpenSessionResponse:
        opening = Opening(
            payee=to.from_party(request.payee, "payee"),
            amount=to.from_money(request.amount, "amount"),
            description=to.from_text(request.description),
            methods=to.from_methods(request.methods),
            expiration=_expiration(request),
        )
        issuer = check_did(request.issuer, "issuer")
        session, payee_token = await self._sessions.open(opening, issuer, _retry(request))
        return pb.OpenSessionResponse(session=self._to_session(session), payee_token=payee_token)

    async def RecordClaim(self, request: pb.RecordClaimRequest, context: Context) -> pb.RecordClaimResponse:
        message, session = await self._sessions.claim(
            to.from_uuid(request.session_id, "session_id"),
            lambda digest: _claim(request, digest),
            check_did(request.issuer, "issuer"),
            _retry(request),
            issuers=request.issuers,
        )
        return pb.RecordClaimResponse(message=to.to_message(message), session=self._to_session(session))

    async def RecordAcknowledgement(
        self, request: pb.RecordAcknowledgementRequest, context: Context
    ) -> pb.RecordAcknowledgementResponse:
        received = request.received_amount
        message, session = await self._sessions.acknowledge(
            to.from_uuid(request.session_id, "session_id"),
            request.payee_token,
            to.from_uuid(request.claim_id, "claim_id"),
            request.claim_digest or None,
            to.from_money(received, "received_amount") if request.HasField("received_amount") else None,
            _retry(request),
            issuers=request.issuers,
        )
        return pb.RecordAcknowledgementResponse(message=to.to_message(message), session=self._to_session(session))

    async def RecordRejection(self, request: pb.RecordRejectionRequest, context: Context) -> pb.RecordRejectionResponse:
        message, session = await self._sessions.reject(
            to.from_uuid(request.session_id, "session_id"),
            request.payee_token,
            to.from_uuid(request.claim_id, "claim_id"),
            to.from_text(request.reason),
            _retry(request),
            issuers=request.issuers,
        )
        return pb.RecordRejectionResponse(message=to.to_message(message), session=self._to_session(session))

    async def RecordCancellation(
        self, request: pb.RecordCancellationRequest, context: Context
    ) -> pb.RecordCancellationResponse:
        message, session = await self._sessions.cancel(
            to.from_uuid(request.session_id, "session_id"),
            request.payee_token,
            to.from_text(request.reason),
            _retry(request),
            issuers=request.issuers,
        )
        return pb.RecordCancellationResponse(message=to.to_message(message), session=self._to_session(session))

    async def RecordSignedMessage(
        self, request: pb.RecordSignedMessageRequest, context: Context
    ) -> pb.RecordSignedMessageResponse:
        if len(request.credential.encode()) > CREDENTIAL_BYTES_MAX:
            raise InvalidField(
                f"signed_message: its credential has over {CREDENTIAL_BYTES_MAX} bytes; sign it with one plain proof",
                field="signed_message",
            )
        session = await self._sessions.record_signed(
            to.from_message(request.message), request.credential, _retry(request)
        )
        return pb.RecordSignedMessageResponse(session=self._to_session(session))

    async def GetSignedCredential(
        self, request: pb.GetSignedCredentialRequest, context: Context
    ) -> pb.GetSignedCredentialResponse:
        message_id = to.from_uuid(request.message_id, "message_id")
        return pb.GetSignedCredentialResponse(credential=await self._sessions.signed_credential(message_id))

    async def GetSession(self, request: pb.GetSessionRequest, context: Context) -> pb.GetSessionResponse:
        session = await self._sessions.get(to.from_uuid(request.session_id, "session_id"))
        return pb.GetSessionResponse(session=self._to_session(session))

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        size = _page_size(request.page_size)
        # One more than asked for tells whether there is a next page.
        sessions = await self._sessions.page(_page_start(request.page_token), size + 1)
        return pb.ListSessionsResponse(
            sessions=[self._to_session(each, with_claims=False) for each in sessions[:size]],
            next_page_token=str(sessions[size - 1].id) if len(sessions) > size else "",
        )

    async def WatchSession(
        self, request: pb.WatchSessionRequest, context: Context
    ) -> AsyncIterator[pb.WatchSessionResponse]:
        after = request.after_sequence if request.HasField("after_sequence") else None
        async for change in self._sessions.watch(to.from_uuid(request.session_id, "session_id"), after):
            yield pb.WatchSessionResponse(
                sequence=change.sequence,
                session=self._to_session(change.session),
                message=to.to_message(change.message) if change.message else None,
            )
            del change  # As the interceptors do.

    async def TakeEndedSessions(
        self, request: pb.TakeEndedSessionsRequest, context: Context
    ) -> pb.TakeEndedSessionsResponse:
        taken, last = await self._retention.take(
            _ended_for(request.ended_for), _page_start(request.page_token), _page_size(request.page_size)
        )
        return pb.TakeEndedSessionsResponse(session_ids=map(str, taken), next_page_token=str(last) if last else "")

    async def DeleteSessions(self, request: pb.DeleteSessionsRequest, context: Context) -> pb.DeleteSessionsResponse:
        if len(request.sessions) > PAGE_SIZE_MAX:
            raise InvalidField(f"sessions: more than {PAGE_SIZE_MAX}; give fewer at a time", field="sessions")
        deleted = await self._retention.delete(
            {to.from_uuid(each.session_id, "session_id"): each.sequence for each in request.sessions}
        )
        return pb.DeleteSessionsResponse(session_ids=map(str, deleted))

    def _to_session(self, session: Session, *, with_claims: bool = True) -> session_pb2.Session:
        return to_session(session, self._sessions.status(session), with_claims=with_claims)


def _claim(request: pb.RecordClaimRequest, request_digest: bytes) -> Claim:
    return Claim(
        request_digest,
        to.from_money(request.amount, "amount"),
        payer=to.from_party(request.payer, "payer") if request.HasField("payer") else None,
        evidence=to.from_text(request.evidence) if request.HasField("evidence") else None,
        method=to.from_text(request.method) if request.HasField("method") else None,
        custom_method=to.from_text(request.custom_method) if request.HasField("custom_method") else None,
    )


def _expiration(request: pb.OpenSessionRequest) -> datetime | timedelta | None:
    match request.WhichOneof("expiration"):
        case "expire_time":
            return to.from_time(request.expire_time, "expire_time")
        case "ttl":
            # Clamped: far out of range either way, and no overflow on the way to saying so.
            return timedelta(seconds=max(-1, min(request.ttl.seconds, 2**31)))
    return None


def _ended_for(given: Duration) -> timedelta:
    """In seconds, as far as they go; more than a hundred years is no retention."""
    if not ENDED_FOR_MIN.total_seconds() <= given.seconds <= DAYS_MAX * 86400:
        raise InvalidField(f"ended_for: give 1 to {DAYS_MAX} days", field="ended_for")
    return timedelta(seconds=given.seconds)


def _retry(request: Any) -> Retry | None:
    """What tells a retry from another call: every field but the id itself and the issuer, which may have changed."""
    request_id: UUID | None = to.from_optional_uuid(request.request_id, "request_id")
    if request_id is None:
        return None
    fields = type(request)()
    fields.CopyFrom(request)
    for name in ("request_id", "issuer", "issuers"):
        if hasattr(fields, name):
            fields.ClearField(name)
    digest = hashlib.sha256(fields.DESCRIPTOR.full_name.encode() + fields.SerializeToString(deterministic=True))
    return Retry(request_id, digest.digest())


def _page_size(given: int) -> int:
    """More than the most gives the most (AIP-158)."""
    if given < 0:
        raise InvalidField(f"page_size: negative; give 1 to {PAGE_SIZE_MAX}, or leave it out", field="page_size")
    return min(given or PAGE_SIZE, PAGE_SIZE_MAX)


def _page_start(token: str) -> UUID | None:
    try:
        return to.from_optional_uuid(token, "page_token")
    except InvalidField:
        raise InvalidPageToken from None
