"""The operations of the gateway, each composed of calls to the services behind it. No rule lives here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc

from counterfoil.codec.v1 import codec_service_pb2 as codec_pb
from counterfoil.codec.v1.codec_service_pb2_grpc import CodecServiceStub
from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from counterfoil.sessions.v1 import sessions_service_pb2 as sessions_pb
from counterfoil.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from gateway.reading import Read, Reader
from gateway.refusals import ClaimNotFound, ClaimNotVerified, NotAClaim
from gateway.signed import Signed, SignedMessages
from gateway.watching import WATCHERS_MAX, Watchers
from gateway.writing import Writing, check_qr_format, check_writing
from services.messages.protobuf import from_uuid
from services.runtime.channels import Channels

T = TypeVar("T")

CREDENTIALS_MAX = 1000


class Payments:
    def __init__(self, channels: Channels) -> None:
        self._codec = CodecServiceStub(channels.to("codec"))
        self._credentials = CredentialsServiceStub(channels.to("credentials"))
        self._sessions = SessionsServiceStub(channels.to("sessions"))
        self._reader = Reader(channels)
        self._signed = SignedMessages(channels, self._reader)
        self.watchers = Watchers(WATCHERS_MAX)

    async def request_payment(self, request: pb.RequestPaymentRequest) -> pb.RequestPaymentResponse:
        check_writing(request)
        if request.signed_message:
            return await self._taken(pb.RequestPaymentResponse, request, "request")
        opened = await self._sessions.OpenSession(
            sessions_pb.OpenSessionRequest(
                request_id=request.request_id,
                issuer=(await self._issuer()).issuer,
                payee=request.payee,
                amount=request.amount,
                description=request.description,
                methods=request.methods,
                expire_time=request.expire_time if request.HasField("expire_time") else None,
                ttl=request.ttl if request.HasField("ttl") else None,
            )
        )
        return await self._issued(
            pb.RequestPaymentResponse, opened.session.request, opened.session, request, payee_token=opened.payee_token
        )

    async def claim_payment(self, request: pb.ClaimPaymentRequest) -> pb.ClaimPaymentResponse:
        check_writing(request)
        if request.signed_message:
            return await self._taken(pb.ClaimPaymentResponse, request, "claim")
        issuer = await self._issuer()
        claim = sessions_pb.RecordClaimRequest(
            request_id=request.request_id,
            issuer=issuer.issuer,
            issuers=issuer.issuers,
            session_id=request.session_id,
            amount=request.amount,
            payer=request.payer if request.HasField("payer") else None,
            evidence=request.evidence if request.HasField("evidence") else None,
        )
        match request.WhichOneof("used"):
            case "method":
                claim.method = request.method
            case "custom_method":
                claim.custom_method = request.custom_method
        recorded = await self._sessions.RecordClaim(claim)
        return await self._issued(pb.ClaimPaymentResponse, recorded.message, recorded.session, request)

    async def acknowledge_payment(self, request: pb.AcknowledgePaymentRequest) -> pb.AcknowledgePaymentResponse:
        check_writing(request)
        if request.signed_message:
            taken = await self._signed.take(request, "acknowledgement")
            return await self._answer(_receipt, taken.credential, taken.session, request, verdict=taken.verdict)
        read = await self._reader.read(**_source(request))
        claim = _verified_claim(read)
        recorded = await self._sessions.RecordAcknowledgement(
            sessions_pb.RecordAcknowledgementRequest(
                issuers=(await self._issuer()).issuers,
                request_id=request.request_id,
                session_id=request.session_id or claim.session_id,
                payee_token=request.payee_token,
                claim_id=claim.id,
                claim_digest=read.checked.digest,
                received_amount=request.received_amount if request.HasField("received_amount") else None,
            )
        )
        return await self._issued(_receipt, recorded.message, recorded.session, request, verdict=read.checked.verdict)

    async def reject_claim(self, request: pb.RejectClaimRequest) -> pb.RejectClaimResponse:
        check_writing(request)
        if request.signed_message:
            return await self._taken(pb.RejectClaimResponse, request, "rejection")
        recorded = await self._sessions.RecordRejection(
            sessions_pb.RecordRejectionRequest(
                issuers=(await self._issuer()).issuers,
                request_id=request.request_id,
                session_id=request.session_id,
                payee_token=request.payee_token,
                claim_id=request.claim_id,
                reason=request.reason,
            )
        )
        return await self._issued(pb.RejectClaimResponse, recorded.message, recorded.session, request)

    async def cancel_request(self, request: pb.CancelRequestRequest) -> pb.CancelRequestResponse:
        check_writing(request)
        if request.signed_message:
            return await self._taken(pb.CancelRequestResponse, request, "cancellation")
        recorded = await self._sessions.RecordCancellation(
            sessions_pb.RecordCancellationRequest(
                issuers=(await self._issuer()).issuers,
                request_id=request.request_id,
                session_id=request.session_id,
                payee_token=request.payee_token,
                reason=request.reason,
            )
        )
        return await self._issued(pb.CancelRequestResponse, recorded.message, recorded.session, request)

    async def decode_message(self, request: pb.DecodeMessageRequest) -> pb.DecodeMessageResponse:
        read = await self._reader.read(**_source(request))
        decoded = read.decoded
        return pb.DecodeMessageResponse(
            message=decoded.message if decoded.HasField("message") else None,
            verdict=read.verdict,
            format=decoded.format,
            text=decoded.text,
            credential=decoded.credential,
            unsigned_fields=decoded.unsigned_fields,
            dossier=read.dossier,
        )

    async def get_session(self, request: pb.GetSessionRequest) -> pb.GetSessionResponse:
        found = await self._sessions.GetSession(sessions_pb.GetSessionRequest(session_id=request.session_id))
        listed = await self._credentials.ListCredentials(
            credentials_pb.ListCredentialsRequest(session_id=request.session_id, page_size=CREDENTIALS_MAX)
        )
        credentials = {each.message_id: each for each in listed.credentials}
        for message in _messages(found.session):
            if message.id not in credentials:
                with _unless_nobody_can():
                    credentials[message.id] = await self._missing(message)
        return pb.GetSessionResponse(
            session=found.session, credentials=[credentials[each] for each in sorted(credentials)]
        )

    async def export_session(self, request: pb.ExportSessionRequest) -> pb.ExportSessionResponse:
        check_qr_format(request)
        found = await self.get_session(pb.GetSessionRequest(session_id=request.session_id))
        credentials = {each.message_id: each.json for each in found.credentials}
        messages = _messages(_with_one_claim(found.session, request.claim_id) if request.claim_id else found.session)
        written = await self._codec.EncodeDossier(
            codec_pb.EncodeDossierRequest(
                credentials=[credentials[each.id] for each in messages if each.id in credentials],
                qr_format=request.qr_format,
            )
        )
        return pb.ExportSessionResponse(text=written.text, qr_image=written.qr_image, format=written.format)

    async def list_sessions(self, request: pb.ListSessionsRequest) -> pb.ListSessionsResponse:
        listed = await self._sessions.ListSessions(
            sessions_pb.ListSessionsRequest(page_size=request.page_size, page_token=request.page_token)
        )
        return pb.ListSessionsResponse(sessions=listed.sessions, next_page_token=listed.next_page_token)

    async def watch_session(self, request: pb.WatchSessionRequest) -> AsyncIterator[pb.WatchSessionResponse]:
        asked = sessions_pb.WatchSessionRequest(
            session_id=request.session_id,
            after_sequence=request.after_sequence if request.HasField("after_sequence") else None,
        )
        with self.watchers.one_more():
            async for change in self._sessions.WatchSession(asked):
                yield pb.WatchSessionResponse(
                    sequence=change.sequence,
                    session=change.session,
                    message=change.message if change.HasField("message") else None,
                )
                del change  # As the interceptors do.

    async def write_credential(
        self, credential: str, qr_format: message_pb2.QrFormat.ValueType = message_pb2.QR_FORMAT_UNSPECIFIED
    ) -> codec_pb.EncodeMessageResponse:
        """The credential of a message of old, written down again."""
        return await self._codec.EncodeMessage(
            codec_pb.EncodeMessageRequest(credential=credential, qr_format=qr_format)
        )

    async def verify_credential(self, credential: str) -> credential_pb2.Verdict:
        checked = await self._credentials.VerifyCredential(
            credentials_pb.VerifyCredentialRequest(credential=credential)
        )
        return checked.verdict

    async def _issuer(self) -> credentials_pb.GetIssuerResponse:
        return await self._credentials.GetIssuer(credentials_pb.GetIssuerRequest())

    async def _taken(self, response: Callable[..., T], request: Signed, kind: str) -> T:
        """Answers with what a party signed itself."""
        taken = await self._signed.take(request, kind)
        return await self._answer(response, taken.credential, taken.session, request)

    async def _issued(
        self,
        response: Callable[..., T],
        message: message_pb2.Message,
        session: session_pb2.Session,
        how: Writing,
        **more: object,
    ) -> T:
        """Answers with what the service signs for a party."""
        return await self._answer(response, await self._credential(message), session, how, **more)

    async def _answer(
        self,
        response: Callable[..., T],
        credential: credential_pb2.Credential,
        session: session_pb2.Session,
        how: Writing,
        **more: object,
    ) -> T:
        """Writes a credential down as the caller wants it."""
        written = await self._codec.EncodeMessage(
            codec_pb.EncodeMessageRequest(credential=credential.json, format=how.format, qr_format=how.qr_format)
        )
        return response(
            text=written.text,
            format=written.format,
            qr_image=written.qr_image,
            credential=credential,
            session=session,
            **more,
        )

    async def _missing(self, message: message_pb2.Message) -> credential_pb2.Credential:
        """Recorded, but the process died before its credential was kept: made again, or what its party signed."""
        try:
            return await self._signed.again(message.id)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
        return await self._credential(message)

    async def _credential(self, message: message_pb2.Message) -> credential_pb2.Credential:
        issued = await self._credentials.IssueCredential(credentials_pb.IssueCredentialRequest(message=message))
        return issued.credential


def _source(request: pb.DecodeMessageRequest | pb.AcknowledgePaymentRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("text", "image") if request.HasField(name)}


def _receipt(credential: credential_pb2.Credential, **fields: Any) -> pb.AcknowledgePaymentResponse:
    return pb.AcknowledgePaymentResponse(receipt=credential, **fields)


@contextmanager
def _unless_nobody_can() -> Iterator[None]:
    """What was recorded under a key that was revoked since stays without a credential."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
            raise


def _verified_claim(read: Read) -> message_pb2.Message:
    """The claim, in a dossier the last message, where nothing beside it is forged."""
    if not read.verdict.verified:
        failed = next(each for each in read.verdict.checks if each.outcome != credential_pb2.CHECK_OUTCOME_PASS)
        raise ClaimNotVerified(failed.name, failed.detail)
    if not read.checked.message.HasField("claim"):
        raise NotAClaim
    return read.checked.message


def _with_one_claim(session: session_pb2.Session, claim_id: str) -> session_pb2.Session:
    claim = next((each for each in session.claims if each.message.id == claim_id.lower()), None)
    if claim is None:
        raise ClaimNotFound(session.id, str(from_uuid(claim_id, "claim_id")))
    only = session_pb2.Session()
    only.CopyFrom(session)
    del only.claims[:]
    only.claims.append(claim)
    return only


def _messages(session: session_pb2.Session) -> list[message_pb2.Message]:
    found = [session.request]
    for claim in session.claims:
        found.append(claim.message)
        if claim.HasField("answer"):
            found.append(claim.answer)
    if session.HasField("cancellation"):
        found.append(session.cancellation)
    return found
