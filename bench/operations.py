"""What is asked of the gateway, with realistic words: two ways to pay, a description, evidence."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import grpc

from bench.measuring import NothingLeft
from bench.screenshot import screenshot
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

AMOUNT = message_pb2.Money(amount="120.00", currency="EUR")
METHODS = [
    message_pb2.PaymentMethod(method="SEPA", details={"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}),
    message_pb2.PaymentMethod(method="BTC", details={"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
]


class Operations:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._client = PaymentsServiceStub(channel)
        self._sessions: list[pb.RequestPaymentResponse] = []

    async def prepare(self) -> None:
        """Makes what the reading operations read."""
        opened = await self._open(message_pb2.QR_FORMAT_PNG)
        claim = await self.claim_of(opened)
        await self.acknowledge(opened, claim)
        self._session_id, self._text = opened.session.id, claim.text
        self._screenshot = screenshot(opened.qr_image)

    async def prepare_sessions(self, count: int) -> None:
        """Sessions for `claim` and `settle`, which use one up each time."""
        missing = count - len(self._sessions)
        for _ in range(0, missing, 16):
            self._sessions += await asyncio.gather(*(self._open() for _ in range(16)))

    async def request(self) -> None:
        await self._open()

    async def request_with_picture(self) -> None:
        await self._open(message_pb2.QR_FORMAT_PNG)

    async def claim(self) -> None:
        await self.claim_of(self._session())

    async def settle(self) -> None:
        opened = self._session()
        await self.acknowledge(opened, await self.claim_of(opened))

    async def decode_text(self) -> None:
        await self._client.DecodeMessage(pb.DecodeMessageRequest(text=self._text))

    async def decode_screenshot(self) -> None:
        await self._client.DecodeMessage(pb.DecodeMessageRequest(image=self._screenshot))

    async def get_session(self) -> None:
        await self.get(self._session_id)

    async def issuer(self) -> str:
        return (await self._open()).session.request.issuer

    async def get(self, session_id: str) -> None:
        await self._client.GetSession(pb.GetSessionRequest(session_id=session_id))

    def _session(self) -> pb.RequestPaymentResponse:
        if not self._sessions:
            raise NothingLeft
        return self._sessions.pop()

    async def _open(
        self, qr_format: message_pb2.QrFormat.ValueType = message_pb2.QR_FORMAT_UNSPECIFIED
    ) -> pb.RequestPaymentResponse:
        return await self._client.RequestPayment(
            pb.RequestPaymentRequest(
                request_id=str(uuid4()),
                payee=message_pb2.Party(handle="Ana"),
                amount=AMOUNT,
                description="two chairs, as agreed",
                methods=METHODS,
                qr_format=qr_format,
            )
        )

    async def claim_of(self, opened: pb.RequestPaymentResponse) -> pb.ClaimPaymentResponse:
        return await self._client.ClaimPayment(
            pb.ClaimPaymentRequest(
                request_id=str(uuid4()),
                session_id=opened.session.id,
                amount=AMOUNT,
                evidence="RF18 5390 0754 7034",
                method="SEPA",
                payer=message_pb2.Party(handle="Ben"),
            )
        )

    async def acknowledge(self, opened: pb.RequestPaymentResponse, claim: pb.ClaimPaymentResponse) -> None:
        await self._client.AcknowledgePayment(
            pb.AcknowledgePaymentRequest(request_id=str(uuid4()), payee_token=opened.payee_token, text=claim.text)
        )
