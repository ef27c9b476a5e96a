"""The REST API: what payees and payers say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Discriminator, Tag

from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http import answered, asked
from gateway.http.bodies import ExactPictureRoute, ExactRoute
from gateway.http.dependencies import IdempotencyKey, PayeeToken, PaymentFlows
from gateway.http.problems import responses

_OF_ALL = (400, 408, 409, 413, 422, 429, 500, 503, 504)
_OF_THE_PAYEE = (*_OF_ALL, 401, 403, 404)

_Signed = Annotated[asked.SignedMessage, Tag(asked.SIGNED)]
_HowItIsSaid = Discriminator(asked.how_it_is_said)
Requesting = Annotated[Annotated[asked.PaymentRequest, Tag(asked.STATED)] | _Signed, _HowItIsSaid, Body()]
Claiming = Annotated[Annotated[asked.PaymentSent, Tag(asked.STATED)] | _Signed, _HowItIsSaid, Body()]
Acknowledging = Annotated[Annotated[asked.PaymentReceived, Tag(asked.STATED)] | _Signed, _HowItIsSaid, Body()]
Rejecting = Annotated[Annotated[asked.ClaimRejected, Tag(asked.STATED)] | _Signed, _HowItIsSaid, Body()]
Cancelling = Annotated[Annotated[asked.RequestCancelled, Tag(asked.STATED)] | _Signed, _HowItIsSaid, Body()]

writing = APIRouter(route_class=ExactRoute, tags=["payments"])
# Where a message comes in, it may be a picture.
reading = APIRouter(route_class=ExactPictureRoute, tags=["payments"])


@writing.post("/paymentRequest", response_model_exclude_none=True, responses=responses(*_OF_ALL))
async def request_payment(
    body: Requesting, payments: PaymentFlows, idempotency_key: IdempotencyKey = None
) -> answered.PaymentRequested:
    """The payee asks for money: opens a session, and answers the message to send to the payer."""
    if isinstance(body, asked.SignedMessage):
        request = body.to_pb(pb.RequestPaymentRequest, idempotency_key)
    else:
        request = body.to_pb(idempotency_key)
    return answered.of_requested(await payments.request_payment(request))


@writing.post("/paymentSent", response_model_exclude_none=True, responses=responses(*_OF_ALL, 404))
async def claim_payment(
    body: Claiming, payments: PaymentFlows, idempotency_key: IdempotencyKey = None
) -> answered.PaymentClaimed:
    """The payer says they paid: records the claim, which changes neither paid amount nor status."""
    if isinstance(body, asked.SignedMessage):
        request = body.to_pb(pb.ClaimPaymentRequest, idempotency_key)
    else:
        currency = body.currency or await _currency(payments, body.session_id)
        request = body.to_pb(currency, idempotency_key)
    return answered.of_claimed(await payments.claim_payment(request))


@reading.post("/paymentReceived", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def acknowledge_payment(
    body: Acknowledging, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PaymentAcknowledged:
    """The payee says the money arrived: verifies the claim, books it once, and answers the receipt."""
    if isinstance(body, asked.SignedMessage):
        request = body.to_pb(pb.AcknowledgePaymentRequest, idempotency_key)
    else:
        request = body.to_pb(bearer, idempotency_key)
    return answered.of_acknowledged(await payments.acknowledge_payment(request))


@writing.post("/claimRejected", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def reject_claim(
    body: Rejecting, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PayeeAnswered:
    """The payee says that a claim is not true."""
    if isinstance(body, asked.SignedMessage):
        request = body.to_pb(pb.RejectClaimRequest, idempotency_key)
    else:
        request = body.to_pb(bearer, idempotency_key)
    return answered.of_answered(await payments.reject_claim(request))


@writing.post("/requestCancelled", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def cancel_request(
    body: Cancelling, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PayeeAnswered:
    """The payee withdraws the request: no new claim is taken."""
    if isinstance(body, asked.SignedMessage):
        request = body.to_pb(pb.CancelRequestRequest, idempotency_key)
    else:
        request = body.to_pb(bearer, idempotency_key)
    return answered.of_answered(await payments.cancel_request(request))


@reading.post("/decodeMessage", response_model_exclude_none=True, responses=responses(*_OF_ALL))
async def decode_message(body: asked.MessageToDecode, payments: PaymentFlows) -> answered.MessageDecoded:
    """Anyone: what a message says, and what of it holds. Needs no session and changes nothing."""
    return answered.of_decoded(await payments.decode_message(body.to_pb()))


async def _currency(payments: PaymentFlows, session_id: str) -> str:
    found = await payments.get_session(pb.GetSessionRequest(session_id=session_id))
    return found.session.requested_amount.currency
