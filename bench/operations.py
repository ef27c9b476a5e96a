"""What is asked of the gateway, with realistic words: two ways to pay, a description, evidence."""

from __future__ import annotations

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
    """The gateway's client. What one operation leaves, another takes up: sessions to claim, claims to answer."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._client = PaymentsServiceStub(channel)
        self._opened: list[tuple[str, str]] = []
        self._claimed: list[tuple[str, str]] = []

    async def prepare(self) -> None:
        """Makes what the reading operations read."""
        opened = await self._client.RequestPayment(_request(message_pb2.QR_FORMAT_PNG))
        claim = await self.claim_of(opened.session.id)
        await self.acknowledge_with(opened.payee_token, claim.text)
        self._session_id, self._text = opened.session.id, claim.text
        self._screenshot = screenshot(opened.qr_image)

    async def request(self) -> None:
        await self._open(message_pb2.QR_FORMAT_UNSPECIFIED)

    async def request_with_picture(self) -> None:
        await self._open(message_pb2.QR_FORMAT_PNG)

    async def claim(self) -> None:
        """Of a session that `request` opened."""
        session_id, payee_token = _taken(self._opened)
        self._claimed.append((payee_token, (await self.claim_of(session_id)).text))

    async def acknowledge(self) -> None:
        """Of a claim that `claim` made."""
        await self.acknowledge_with(*_taken(self._claimed))

    async def settle(self) -> None:
        """A claim and its acknowledgement, of a session that `request` opened."""
        session_id, payee_token = _taken(self._opened)
        await self.acknowledge_with(payee_token, (await self.claim_of(session_id)).text)

    async def decode_text(self) -> None:
        await self._client.DecodeMessage(pb.DecodeMessageRequest(text=self._text))

    async def decode_screenshot(self) -> None:
        await self._client.DecodeMessage(pb.DecodeMessageRequest(image=self._screenshot))

    async def get_session(self) -> None:
        await self.get(self._session_id)

    async def opened(self) -> pb.RequestPaymentResponse:
        """A session for the caller's own use."""
        return await self._client.RequestPayment(_request())

    async def get(self, session_id: str) -> None:
        await self._client.GetSession(pb.GetSessionRequest(session_id=session_id))

    async def claim_of(self, session_id: str) -> pb.ClaimPaymentResponse:
        return await self._client.ClaimPayment(_claim(session_id))

    async def acknowledge_with(self, payee_token: str, text: str) -> None:
        await self._client.AcknowledgePayment(_acknowledgement(payee_token, text))

    async def sizes(self) -> dict[str, tuple[int, int]]:
        """The bytes of each operation's request and response."""
        asked = _request()
        with_picture = _request(message_pb2.QR_FORMAT_PNG)
        opened = await self._client.RequestPayment(asked)
        drawn = await self._client.RequestPayment(with_picture)
        claim = _claim(opened.session.id)
        claimed = await self._client.ClaimPayment(claim)
        acknowledgement = _acknowledgement(opened.payee_token, claimed.text)
        acknowledged = await self._client.AcknowledgePayment(acknowledgement)
        return {
            "request": (asked.ByteSize(), opened.ByteSize()),
            "request with QR code": (with_picture.ByteSize(), drawn.ByteSize()),
            "claim": (claim.ByteSize(), claimed.ByteSize()),
            "acknowledge": (acknowledgement.ByteSize(), acknowledged.ByteSize()),
        }

    async def _open(self, qr_format: message_pb2.QrFormat.ValueType) -> None:
        opened = await self._client.RequestPayment(_request(qr_format))
        self._opened.append((opened.session.id, opened.payee_token))


def _taken(left: list[tuple[str, str]]) -> tuple[str, str]:
    if not left:
        raise NothingLeft
    return left.pop()


def _request(
    qr_format: message_pb2.QrFormat.ValueType = message_pb2.QR_FORMAT_UNSPECIFIED,
) -> pb.RequestPaymentRequest:
    return pb.RequestPaymentRequest(
        request_id=str(uuid4()),
        payee=message_pb2.Party(handle="Ana"),
        amount=AMOUNT,
        description="two chairs, as agreed",
        methods=METHODS,
        qr_format=qr_format,
    )


def _claim(session_id: str) -> pb.ClaimPaymentRequest:
    return pb.ClaimPaymentRequest(
        request_id=str(uuid4()),
        session_id=session_id,
        amount=AMOUNT,
        evidence="RF18 5390 0754 7034",
        method="SEPA",
        payer=message_pb2.Party(handle="Ben"),
    )


def _acknowledgement(payee_token: str, text: str) -> pb.AcknowledgePaymentRequest:
    return pb.AcknowledgePaymentRequest(request_id=str(uuid4()), payee_token=payee_token, text=text)
