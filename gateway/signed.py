"""Messages that a party signed itself: verified, recorded as they are, and kept. The service signs nothing for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from google.protobuf.message import Message as ProtobufMessage

from counterfoil.codec.v1 import codec_service_pb2 as codec_pb
from counterfoil.codec.v1.codec_service_pb2_grpc import CodecServiceStub
from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.sessions.v1 import session_pb2
from counterfoil.sessions.v1 import sessions_service_pb2 as sessions_pb
from counterfoil.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from gateway.reading import Reader
from gateway.refusals import MessageKindWrong, MessageNotVerified
from gateway.writing import Writing
from services.messages.refusals import InvalidField
from services.runtime.channels import Channels

# What may stand beside a signed message; all else it says itself.
_BESIDE = {"signed_message", "request_id", "format", "qr_format"}


class Signed(Writing, Protocol):
    """Part of every request that may come as a signed message."""

    @property
    def signed_message(self) -> str: ...
    @property
    def request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Taken:
    credential: credential_pb2.Credential
    session: session_pb2.Session
    verdict: credential_pb2.Verdict


class SignedMessages:
    def __init__(self, channels: Channels, reader: Reader) -> None:
        self._reader = reader
        self._codec = CodecServiceStub(channels.to("codec"))
        self._credentials = CredentialsServiceStub(channels.to("credentials"))
        self._sessions = SessionsServiceStub(channels.to("sessions"))

    async def take(self, request: Signed, kind: str) -> Taken:
        """Records a signed message of that kind ("request", "claim"...). Raises what is wrong with it."""
        _check_alone(request)
        read = await self._reader.read(text=request.signed_message)
        if read.dossier:
            raise MessageKindWrong("a whole conversation", kind)
        _check(read.checked, kind)
        credential = read.decoded.credential
        # What cannot be written as it is wanted is refused before it leaves a trace.
        await self._codec.EncodeMessage(
            codec_pb.EncodeMessageRequest(credential=credential, format=request.format, qr_format=request.qr_format)
        )
        recorded = await self._sessions.RecordSignedMessage(
            sessions_pb.RecordSignedMessageRequest(
                request_id=request.request_id, message=read.checked.message, credential=credential
            )
        )
        return Taken(await self._keep(credential), recorded.session, read.checked.verdict)

    async def again(self, message_id: str) -> credential_pb2.Credential:
        """Of a message that was recorded when the process died before its credential was kept."""
        found = await self._sessions.GetSignedCredential(sessions_pb.GetSignedCredentialRequest(message_id=message_id))
        return await self._keep(found.credential)

    async def _keep(self, credential: str) -> credential_pb2.Credential:
        kept = await self._credentials.KeepCredential(credentials_pb.KeepCredentialRequest(credential=credential))
        return kept.credential


def _check_alone(request: Signed) -> None:
    assert isinstance(request, ProtobufMessage)
    for field, _ in request.ListFields():
        if field.name not in _BESIDE:
            raise InvalidField(
                f"{field.name}: the signed message says it all; leave out either of them", field=field.name
            )


def _check(checked: credentials_pb.VerifyCredentialResponse, kind: str) -> None:
    if not checked.verdict.verified:
        failed = next(each for each in checked.verdict.checks if each.outcome != credential_pb2.CHECK_OUTCOME_PASS)
        raise MessageNotVerified(failed.name, failed.detail)
    given = checked.message.WhichOneof("statement")
    if given != kind:
        raise MessageKindWrong(str(given), kind)
