"""What the gateway passes on to the credentials service: its keys, and credentials of any kind. No rule lives here."""

from __future__ import annotations

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credential_pb2 import SecuringFormat
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.operator.v1 import operator_service_pb2 as pb
from services.runtime.channels import Channels


class Credentials:
    def __init__(self, channels: Channels) -> None:
        self._credentials = CredentialsServiceStub(channels.to("credentials"))

    async def list_keys(self, request: pb.ListKeysRequest) -> pb.ListKeysResponse:
        listed = await self._credentials.ListKeys(credentials_pb.ListKeysRequest())
        return pb.ListKeysResponse(keys=listed.keys)

    async def rotate_key(self, request: pb.RotateKeyRequest) -> pb.RotateKeyResponse:
        rotated = await self._credentials.RotateKey(
            credentials_pb.RotateKeyRequest(cryptosuite=request.cryptosuite, replaces=request.replaces)
        )
        return pb.RotateKeyResponse(key=rotated.key)

    async def revoke_key(self, request: pb.RevokeKeyRequest) -> pb.RevokeKeyResponse:
        revoked = await self._credentials.RevokeKey(
            credentials_pb.RevokeKeyRequest(verification_method=request.verification_method)
        )
        return pb.RevokeKeyResponse(key=revoked.key)

    async def revoke_credential(self, request: pb.RevokeCredentialRequest) -> pb.RevokeCredentialResponse:
        await self._credentials.RevokeCredential(
            credentials_pb.RevokeCredentialRequest(credential_id=request.credential_id)
        )
        return pb.RevokeCredentialResponse()

    async def sign_document(self, document: str, how: SecuringFormat.ValueType, *, revocable: bool) -> str:
        """Any credential without a proof, as JSON, in the name of this service: as JSON or as a compact JWS."""
        signed = await self._credentials.SignDocument(
            credentials_pb.SignDocumentRequest(document=document, format=how, revocable=revocable)
        )
        return signed.credential

    async def verify_any(self, credential: str) -> credentials_pb.VerifyCredentialResponse:
        """Any credential, as JSON or as a compact JWS."""
        return await self._credentials.VerifyCredential(
            credentials_pb.VerifyCredentialRequest(credential=credential, any_statement=True)
        )

    async def verify_presentation(
        self, presentation: str, challenge: str, domain: str
    ) -> credentials_pb.VerifyPresentationResponse:
        return await self._credentials.VerifyPresentation(
            credentials_pb.VerifyPresentationRequest(presentation=presentation, challenge=challenge, domain=domain)
        )

    async def status_list(self, list_id: str) -> credentials_pb.GetStatusListResponse:
        return await self._credentials.GetStatusList(credentials_pb.GetStatusListRequest(list_id=list_id))

    async def did_document(self) -> str:
        answer = await self._credentials.GetDidDocument(credentials_pb.GetDidDocumentRequest())
        return answer.document
