"""What is asked of the REST API: the shapes of its bodies, and the same as the flows take it.

The names are those of the API's first description; where that is silent, those of the protobuf contract. Shapes only:
what a field may say is for the services to judge.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http import examples
from services.messages.refusals import InvalidField

# Beyond this a number is no amount, and writing it out could take all memory.
_EXPONENT_MAX = 40
# What google.protobuf.Duration holds.
_DURATION_SECONDS_MAX = 315_576_000_000


# How a party says something: in the fields of a body, or in a message it signed.
STATED, SIGNED = "stated", "signed"
Signed = TypeVar(
    "Signed",
    pb.RequestPaymentRequest,
    pb.ClaimPaymentRequest,
    pb.AcknowledgePaymentRequest,
    pb.RejectClaimRequest,
    pb.CancelRequestRequest,
)


def _exact(value: object) -> object:
    """A JSON number as it was written: never a float, so 0.1 + 0.2 of somebody's is refused and not rounded."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < _EXPONENT_MAX else str(value)
    return value


def _written(value: object) -> object:
    """A time as text only: a number would be taken for seconds."""
    if not isinstance(value, str):
        raise ValueError("Input should be a time such as 2026-01-31T12:00:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    """Near the year 1 or 9999 an offset can lead out of all years."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("Input should be a time of the years 1 to 9999 in UTC") from None


Amount = Annotated[
    str,
    BeforeValidator(_exact),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "number"}],
            "description": 'A positive decimal number, best as text ("120.50"), with the decimals of its currency.',
        }
    ),
]
QrFormat = Literal["PNG", "SVG", "TERMINAL"]
Time = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
SessionId = Annotated[str, Field(description="The session, as /paymentRequest gave it.")]
Picture = Annotated[str, Field(description="A PNG or JPEG file in Base64, up to 8 MiB, that shows one QR code.")]
PayeeToken = Annotated[
    str, Field(description="The secret of /paymentRequest. It may come as `Authorization: Bearer` instead.")
]


class Preference(BaseModel):
    """A way to pay: its name, and what the payer needs to use it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"method": "BTC", "wallet": "bc1q..."}]})
    __pydantic_extra__: dict[str, str]

    method: str

    def to_pb(self) -> message_pb2.PaymentMethod:
        return message_pb2.PaymentMethod(method=self.method, details=self.__pydantic_extra__)


class _Asked(BaseModel):
    # A field that is not known may be a known one misspelt, and here that could be a matter of money.
    model_config = ConfigDict(extra="forbid")


class _Writing(_Asked):
    """How the message that is made is written, and what makes it safe to ask again."""

    request_id: Annotated[
        str, Field(description="A UUID of your choice: asking again with it does nothing twice. Or `Idempotency-Key`.")
    ] = ""
    format: Annotated[
        Literal["CLASSIC", "COMPACT"],
        Field(
            description="The text: CLASSIC is JSON, zlib and Base64; COMPACT a third as long, for chats and QR codes."
        ),
    ] = "CLASSIC"
    qr_format: Annotated[QrFormat | None, Field(description="Asks for `qr_code`, as such a picture.")] = None

    def writing(self, idempotency_key: str | None) -> dict[str, Any]:
        """The fields of this kind that every call has which makes a message."""
        return {
            "request_id": _one_request_id(self.request_id, idempotency_key),
            "format": f"TEXT_FORMAT_{self.format}",
            "qr_format": f"QR_FORMAT_{self.qr_format}" if self.qr_format else None,
        }


class PaymentRequest(_Writing):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYMENT_REQUEST]})

    amount: Amount
    currency: Annotated[str, Field(description="An ISO 4217 code, or BTC, USDC, USDT, XLM.")]
    recipient_id: Annotated[str, Field(description="Who asks, as the payer shall read it.")]
    description: Annotated[str, Field(description="What for: one line, up to 512 bytes.")] = ""
    preferences: Annotated[list[Preference], Field(description="The ways to pay, in order of preference.")] = []
    expiry: Annotated[Time | None, Field(description="How long claims are taken: until then. By default 7 days.")] = (
        None
    )
    ttl_seconds: Annotated[
        int | None,
        Field(strict=True, ge=-_DURATION_SECONDS_MAX, le=_DURATION_SECONDS_MAX, description="Or for so long from now."),
    ] = None

    @model_validator(mode="after")
    def _one_expiration(self) -> Self:
        if self.expiry is not None and self.ttl_seconds is not None:
            raise ValueError("give expiry or ttl_seconds, not both")
        return self

    def to_pb(self, idempotency_key: str | None) -> pb.RequestPaymentRequest:
        request = pb.RequestPaymentRequest(
            payee=_party(self.recipient_id),
            amount=message_pb2.Money(amount=self.amount, currency=self.currency),
            description=self.description,
            methods=[each.to_pb() for each in self.preferences],
            **self.writing(idempotency_key),
        )
        if self.expiry is not None:
            request.expire_time.FromDatetime(self.expiry)
        if self.ttl_seconds is not None:
            request.ttl.FromSeconds(self.ttl_seconds)
        return request


class PaymentSent(_Writing):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYMENT_SENT]})

    session_id: SessionId
    paid_amount: Amount
    currency: Annotated[str, Field(description="The currency of the request, which it is by default.")] = ""
    transaction_proof: Annotated[
        str | None, Field(description="A transaction id, a bank reference; up to 512 bytes. Nobody checks it.")
    ] = None
    method: Annotated[str | None, Field(description="One of the request's preferences, by its name.")] = None
    custom_method: Annotated[str | None, Field(description="Or another way, in your words, up to 64 bytes.")] = None
    payer_id: Annotated[str | None, Field(description="Who paid, as the payee shall read it.")] = None

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        if self.method is not None and self.custom_method is not None:
            raise ValueError("give method or custom_method, not both")
        return self

    def to_pb(self, currency: str, idempotency_key: str | None) -> pb.ClaimPaymentRequest:
        used = {"method": self.method, "custom_method": self.custom_method}
        return pb.ClaimPaymentRequest(
            session_id=self.session_id,
            amount=message_pb2.Money(amount=self.paid_amount, currency=currency),
            evidence=self.transaction_proof,
            **{name: text for name, text in used.items() if text is not None},  # type: ignore[arg-type]
            payer=None if self.payer_id is None else _party(self.payer_id),
            **self.writing(idempotency_key),
        )


class _Message(_Asked):
    """A message as it arrived, in one of two ways."""

    encoded_message: Annotated[str | None, Field(description="The text, alone or among other words.")] = None
    qr_code: Picture | None = None

    @model_validator(mode="after")
    def _one_message(self) -> Self:
        if (self.encoded_message is None) is (self.qr_code is None):
            raise ValueError("give encoded_message or qr_code, and not both")
        return self

    def source(self) -> dict[str, Any]:
        """Raises InvalidField."""
        return {"text": self.encoded_message} if self.qr_code is None else {"image": _picture(self.qr_code)}


class PaymentReceived(_Message, _Writing):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYMENT_RECEIVED]})

    payee_token: PayeeToken = ""
    session_id: Annotated[str, Field(description="The session that you mean; a claim of another one is refused.")] = ""
    received_amount: Annotated[
        Amount | None, Field(description="How much arrived, where it is not what was claimed. Takes `currency`.")
    ] = None
    currency: str = ""

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        if (self.received_amount is None) is not (self.currency == ""):
            raise ValueError("received_amount and currency go together")
        return self

    def to_pb(self, bearer: str, idempotency_key: str | None) -> pb.AcknowledgePaymentRequest:
        received = None
        if self.received_amount is not None:
            received = message_pb2.Money(amount=self.received_amount, currency=self.currency)
        return pb.AcknowledgePaymentRequest(
            payee_token=self.payee_token or bearer,
            session_id=self.session_id,
            received_amount=received,
            **self.source(),
            **self.writing(idempotency_key),
        )


class ClaimRejected(_Writing):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.CLAIM_REJECTED]})

    session_id: SessionId
    claim_id: Annotated[str, Field(description="The claim, as the session shows it.")]
    payee_token: PayeeToken = ""
    reason: Annotated[str, Field(description="Why: one line, up to 256 bytes.")] = ""

    def to_pb(self, bearer: str, idempotency_key: str | None) -> pb.RejectClaimRequest:
        return pb.RejectClaimRequest(
            payee_token=self.payee_token or bearer,
            session_id=self.session_id,
            claim_id=self.claim_id,
            reason=self.reason,
            **self.writing(idempotency_key),
        )


class RequestCancelled(_Writing):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.REQUEST_CANCELLED]})

    session_id: SessionId
    payee_token: PayeeToken = ""
    reason: Annotated[str, Field(description="Why: one line, up to 256 bytes.")] = ""

    def to_pb(self, bearer: str, idempotency_key: str | None) -> pb.CancelRequestRequest:
        return pb.CancelRequestRequest(
            payee_token=self.payee_token or bearer,
            session_id=self.session_id,
            reason=self.reason,
            **self.writing(idempotency_key),
        )


class SignedMessage(_Writing):
    """Instead of any of these: the message, as the party signed it with the key of its DID. It says all the rest."""

    signed_message: Annotated[str, Field(description="The text, as it would be pasted into the chat; up to 64 KiB.")]

    def to_pb(self, call: type[Signed], idempotency_key: str | None) -> Signed:
        return call(signed_message=self.signed_message, **self.writing(idempotency_key))


def how_it_is_said(body: object) -> str:
    """Which of the two shapes a body is to be of."""
    return SIGNED if isinstance(body, dict) and "signed_message" in body else STATED


class MessageToDecode(_Message):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.MESSAGE_TO_DECODE]})

    def to_pb(self) -> pb.DecodeMessageRequest:
        return pb.DecodeMessageRequest(**self.source())


def _party(identity: str) -> message_pb2.Party:
    if identity.startswith("did:"):
        return message_pb2.Party(did=identity)
    return message_pb2.Party(handle=identity)


def _picture(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix("data:image/png;base64,"), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidField("qr_code: not Base64; send the bytes of the file in Base64", field="qr_code") from None


def _one_request_id(field: str, header: str | None) -> str:
    given = {each for each in (field, (header or "").strip('"')) if each}
    if len(given) > 1:
        raise InvalidField(
            "request_id: another than in Idempotency-Key; give one of them, or the same twice", field="request_id"
        )
    return given.pop() if given else ""
