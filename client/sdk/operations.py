"""The operations of PaymentsService as methods, whoever carries them out.

Every one raises Refused, NotReachable or Fault, and returns the API's own message
(protos/counterfoil/payments/v1/payments_service.proto). A text is given as `str`, a picture of its QR code as `bytes`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict, TypeVar

from google.protobuf.duration_pb2 import Duration
from uuid_utils import uuid7

from counterfoil.messages.v1.message_pb2 import Money, Party, PaymentMethod, QrFormat, TextFormat
from counterfoil.payments.v1 import payments_service_pb2 as pb

if TYPE_CHECKING:
    import grpc

    from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

Request = TypeVar("Request")
Answer = TypeVar("Answer")

COMPACT = TextFormat.TEXT_FORMAT_COMPACT
NO_PICTURE = QrFormat.QR_FORMAT_UNSPECIFIED


class Source(TypedDict, total=False):
    """The field of a request that is set: exactly one."""

    text: str
    image: bytes


class Operations(ABC):
    """What a gateway does for everybody, and a wallet for the one whose it is."""

    payments: PaymentsServiceStub

    @abstractmethod
    def call(self, method: grpc.UnaryUnaryMultiCallable[Request, Answer], request: Request) -> Answer:
        """Raises Refused, NotReachable or Fault."""

    def request_payment(
        self,
        amount: Money,
        *,
        payee: str = "",
        description: str = "",
        methods: Iterable[PaymentMethod] = (),
        ttl: timedelta | None = None,
        format: TextFormat.ValueType = COMPACT,
        qr_format: QrFormat.ValueType = NO_PICTURE,
        request_id: str = "",
    ) -> pb.RequestPaymentResponse:
        """As the payee: opens a session. Keep the `payee_token` of the answer: it is the right to say what arrived."""
        request = pb.RequestPaymentRequest(
            request_id=request_id or _new_id(),
            amount=amount,
            payee=Party(handle=payee) if payee else None,
            description=description,
            methods=methods,
            ttl=_duration(ttl) if ttl is not None else None,
            format=format,
            qr_format=qr_format,
        )
        return self.call(self.payments.RequestPayment, request)

    def claim_payment(
        self,
        session_id: str,
        amount: Money,
        *,
        payer: str | None = None,
        evidence: str | None = None,
        method: str | None = None,
        custom_method: str | None = None,
        format: TextFormat.ValueType = COMPACT,
        qr_format: QrFormat.ValueType = NO_PICTURE,
        request_id: str = "",
    ) -> pb.ClaimPaymentResponse:
        """As the payer: says what was sent. `method` is one of the request's; `custom_method` is any other."""
        if method is not None and custom_method is not None:
            raise ValueError("give method or custom_method, not both")
        request = pb.ClaimPaymentRequest(
            request_id=request_id or _new_id(),
            session_id=session_id,
            amount=amount,
            evidence=evidence,
            payer=Party(handle=payer) if payer is not None else None,
            format=format,
            qr_format=qr_format,
        )
        if method is not None:
            request.method = method
        if custom_method is not None:
            request.custom_method = custom_method
        return self.call(self.payments.ClaimPayment, request)

    def acknowledge_payment(
        self,
        claim: str | bytes,
        *,
        payee_token: str,
        received_amount: Money | None = None,
        session_id: str = "",
        format: TextFormat.ValueType = COMPACT,
        qr_format: QrFormat.ValueType = NO_PICTURE,
        request_id: str = "",
    ) -> pb.AcknowledgePaymentResponse:
        """As the payee: verifies the claim and books it, as claimed or with the amount that arrived; the receipt."""
        request = pb.AcknowledgePaymentRequest(
            request_id=request_id or _new_id(),
            payee_token=payee_token,
            **source_of(claim),
            received_amount=received_amount,
            session_id=session_id,
            format=format,
            qr_format=qr_format,
        )
        return self.call(self.payments.AcknowledgePayment, request)

    def reject_claim(
        self,
        session_id: str,
        claim_id: str,
        *,
        payee_token: str,
        reason: str = "",
        format: TextFormat.ValueType = COMPACT,
        qr_format: QrFormat.ValueType = NO_PICTURE,
        request_id: str = "",
    ) -> pb.RejectClaimResponse:
        """As the payee: says that a claim is not true."""
        request = pb.RejectClaimRequest(
            request_id=request_id or _new_id(),
            payee_token=payee_token,
            session_id=session_id,
            claim_id=claim_id,
            reason=reason,
            format=format,
            qr_format=qr_format,
        )
        return self.call(self.payments.RejectClaim, request)

    def cancel_request(
        self,
        session_id: str,
        *,
        payee_token: str,
        reason: str = "",
        format: TextFormat.ValueType = COMPACT,
        qr_format: QrFormat.ValueType = NO_PICTURE,
        request_id: str = "",
    ) -> pb.CancelRequestResponse:
        """As the payee: withdraws the request. Claims made before can still be answered."""
        request = pb.CancelRequestRequest(
            request_id=request_id or _new_id(),
            payee_token=payee_token,
            session_id=session_id,
            reason=reason,
            format=format,
            qr_format=qr_format,
        )
        return self.call(self.payments.CancelRequest, request)

    def decode_message(self, message: str | bytes) -> pb.DecodeMessageResponse:
        """As anybody: what a message says, and what of it holds. A verdict that does not hold is an answer."""
        return self.call(self.payments.DecodeMessage, pb.DecodeMessageRequest(**source_of(message)))

    def take_in(self, message: str | bytes) -> pb.DecodeMessageResponse:
        """Reads a message that somebody sent. A wallet keeps it when it is verified; a gateway knows its own."""
        return self.decode_message(message)

    def get_session(self, session_id: str) -> pb.GetSessionResponse:
        """The session with its claims, and the credential of every message."""
        return self.call(self.payments.GetSession, pb.GetSessionRequest(session_id=session_id))


def source_of(message: str | bytes) -> Source:
    return Source(text=message) if isinstance(message, str) else Source(image=message)


def _new_id() -> str:
    return str(uuid7())


def _duration(span: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(span)
    return duration
