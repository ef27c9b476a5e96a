"""The gRPC face of the gateway: one servicer for everybody, one for the operator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from counterfoil.operator.v1 import operator_service_pb2 as operator_pb
from counterfoil.operator.v1 import operator_service_pb2_grpc
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1 import payments_service_pb2_grpc
from gateway.authority import Operator
from gateway.credential_flows import Credentials
from gateway.flows import Payments

Context = grpc.aio.ServicerContext[Any, Any]


class PaymentsServicer(payments_service_pb2_grpc.PaymentsServiceServicer):
    def __init__(self, payments: Payments, operator: Operator) -> None:
        self._payments = payments
        self._operator = operator

    async def RequestPayment(self, request: pb.RequestPaymentRequest, context: Context) -> pb.RequestPaymentResponse:
        return await self._payments.request_payment(request)

    async def ClaimPayment(self, request: pb.ClaimPaymentRequest, context: Context) -> pb.ClaimPaymentResponse:
        return await self._payments.claim_payment(request)

    async def AcknowledgePayment(
        self, request: pb.AcknowledgePaymentRequest, context: Context
    ) -> pb.AcknowledgePaymentResponse:
        return await self._payments.acknowledge_payment(request)

    async def RejectClaim(self, request: pb.RejectClaimRequest, context: Context) -> pb.RejectClaimResponse:
        return await self._payments.reject_claim(request)

    async def CancelRequest(self, request: pb.CancelRequestRequest, context: Context) -> pb.CancelRequestResponse:
        return await self._payments.cancel_request(request)

    async def DecodeMessage(self, request: pb.DecodeMessageRequest, context: Context) -> pb.DecodeMessageResponse:
        return await self._payments.decode_message(request)

    async def GetSession(self, request: pb.GetSessionRequest, context: Context) -> pb.GetSessionResponse:
        return await self._payments.get_session(request)

    async def ExportSession(self, request: pb.ExportSessionRequest, context: Context) -> pb.ExportSessionResponse:
        return await self._payments.export_session(request)

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        self._operator.check(request.operator_token)
        return await self._payments.list_sessions(request)

    def WatchSession(self, request: pb.WatchSessionRequest, context: Context) -> AsyncIterator[pb.WatchSessionResponse]:
        return self._payments.watch_session(request)


class OperatorServicer(operator_service_pb2_grpc.OperatorServiceServicer):
    def __init__(self, credentials: Credentials, operator: Operator) -> None:
        self._credentials = credentials
        self._operator = operator

    async def ListKeys(self, request: operator_pb.ListKeysRequest, context: Context) -> operator_pb.ListKeysResponse:
        self._operator.check(request.operator_token)
        return await self._credentials.list_keys(request)

    async def RotateKey(self, request: operator_pb.RotateKeyRequest, context: Context) -> operator_pb.RotateKeyResponse:
        self._operator.check(request.operator_token)
        return await self._credentials.rotate_key(request)

    async def RevokeKey(self, request: operator_pb.RevokeKeyRequest, context: Context) -> operator_pb.RevokeKeyResponse:
        self._operator.check(request.operator_token)
        return await self._credentials.revoke_key(request)

    async def RevokeCredential(
        self, request: operator_pb.RevokeCredentialRequest, context: Context
    ) -> operator_pb.RevokeCredentialResponse:
        self._operator.check(request.operator_token)
        return await self._credentials.revoke_credential(request)
