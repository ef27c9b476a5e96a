"""Reading what arrived over the chat: the codec says what stands there, the credentials service what of it holds."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.codec.v1 import codec_service_pb2 as codec_pb
from counterfoil.codec.v1.codec_service_pb2_grpc import CodecServiceStub
from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as pb
from services.runtime.channels import Channels


@dataclass(frozen=True, slots=True)
class Read:
    """A message, of a dossier the last one, and what the checks of its credential find."""

    decoded: codec_pb.DecodeMessageResponse
    checked: credentials_pb.VerifyCredentialResponse
    # All the messages of a dossier.
    dossier: tuple[pb.DossierMessage, ...] = ()

    @property
    def verdict(self) -> credential_pb2.Verdict:
        """A dossier is as good as the worst of its messages."""
        verdicts = [each.verdict for each in self.dossier] or [self.checked.verdict]
        return min(reversed(verdicts), key=lambda each: (each.verified, each.accepted))


class Reader:
    def __init__(self, channels: Channels) -> None:
        self._codec = CodecServiceStub(channels.to("codec"))
        self._credentials = CredentialsServiceStub(channels.to("credentials"))

    async def read(self, *, text: str | None = None, image: bytes | None = None) -> Read:
        source = codec_pb.DecodeMessageRequest()
        if text is not None:
            source.text = text
        if image is not None:
            source.image = image
        decoded = await self._codec.DecodeMessage(source)
        if decoded.dossier:
            return await self._dossier(decoded)
        checked = await self._credentials.VerifyCredential(
            credentials_pb.VerifyCredentialRequest(credential=decoded.credential)
        )
        return Read(decoded, checked)

    async def _dossier(self, decoded: codec_pb.DecodeMessageResponse) -> Read:
        found = await self._credentials.VerifyConversation(
            credentials_pb.VerifyConversationRequest(credentials=decoded.dossier)
        )
        messages = (
            pb.DossierMessage(message=each.message, verdict=each.verdict, credential=credential)
            for each, credential in zip(found.credentials, decoded.dossier, strict=True)
        )
        return Read(decoded, found.credentials[-1], tuple(messages))
