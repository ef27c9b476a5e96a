"""The gRPC face of the gateway."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import Any

import grpc

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1 import payments_service_pb2_grpc
from gateway.flows import Payments
from gateway.refusals import OperatorTokenRequired, OperatorTokenWrong

Context = grpc.aio.ServicerContext[Any, Any]


class PaymentsServicer(payments_service_pb2_grpc.PaymentsServiceServicer):
    def __init__(self, payments: Payments, operator_token: str) -> None:
        self._payments = payments
        self._operator_token = operator_token.encode()

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

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Context) -> pb.ListSessionsResponse:
        if not request.operator_token:
            raise OperatorTokenRequired
        if not hmac.compare_digest(request.operator_token.encode(), self._operator_token):
            raise OperatorTokenWrong
        return await self._payments.list_sessions(request)

    async def WatchSession(
        self, request: pb.WatchSessionRequest, context: Context
    ) -> AsyncIterator[pb.WatchSessionResponse]:
        async for change in self._payments.watch_session(request):
            yield change
