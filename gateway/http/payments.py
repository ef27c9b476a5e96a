"""The REST API: what payees and payers say."""

from __future__ import annotations

from fastapi import APIRouter

from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http import answered, asked
from gateway.http.bodies import ExactPictureRoute, ExactRoute
from gateway.http.dependencies import IdempotencyKey, PayeeToken, PaymentFlows
from gateway.http.problems import responses

_OF_ALL = (400, 408, 409, 413, 422, 429, 500, 503, 504)
_OF_THE_PAYEE = (*_OF_ALL, 401, 403, 404)

writing = APIRouter(route_class=ExactRoute, tags=["payments"])
# Where a message comes in, it may be a picture.
reading = APIRouter(route_class=ExactPictureRoute, tags=["payments"])


@writing.post("/paymentRequest", response_model_exclude_none=True, responses=responses(*_OF_ALL))
async def request_payment(
    body: asked.PaymentRequest, payments: PaymentFlows, idempotency_key: IdempotencyKey = None
) -> answered.PaymentRequested:
    """The payee asks for money: opens a session, and answers the message to send to the payer."""
    return answered.of_requested(await payments.request_payment(body.to_pb(idempotency_key)))


@writing.post("/paymentSent", response_model_exclude_none=True, responses=responses(*_OF_ALL, 404))
async def claim_payment(
    body: asked.PaymentSent, payments: PaymentFlows, idempotency_key: IdempotencyKey = None
) -> answered.PaymentClaimed:
    """The payer says they paid: records the claim, which changes neither paid amount nor status."""
    currency = body.currency or await _currency(payments, body.session_id)
    return answered.of_claimed(await payments.claim_payment(body.to_pb(currency, idempotency_key)))


@reading.post("/paymentReceived", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def acknowledge_payment(
    body: asked.PaymentReceived, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PaymentAcknowledged:
    """The payee says the money arrived: verifies the claim, books it once, and answers the receipt."""
    return answered.of_acknowledged(await payments.acknowledge_payment(body.to_pb(bearer, idempotency_key)))


@writing.post("/claimRejected", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def reject_claim(
    body: asked.ClaimRejected, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PayeeAnswered:
    """The payee says that a claim is not true."""
    return answered.of_answered(await payments.reject_claim(body.to_pb(bearer, idempotency_key)))


@writing.post("/requestCancelled", response_model_exclude_none=True, responses=responses(*_OF_THE_PAYEE))
async def cancel_request(
    body: asked.RequestCancelled, payments: PaymentFlows, bearer: PayeeToken, idempotency_key: IdempotencyKey = None
) -> answered.PayeeAnswered:
    """The payee withdraws the request: no new claim is taken."""
    return answered.of_answered(await payments.cancel_request(body.to_pb(bearer, idempotency_key)))


@reading.post("/decodeMessage", response_model_exclude_none=True, responses=responses(*_OF_ALL))
async def decode_message(body: asked.MessageToDecode, payments: PaymentFlows) -> answered.MessageDecoded:
    """Anyone: what a message says, and what of it holds. Needs no session and changes nothing."""
    return answered.of_decoded(await payments.decode_message(body.to_pb()))


async def _currency(payments: PaymentFlows, session_id: str) -> str:
    found = await payments.get_session(pb.GetSessionRequest(session_id=session_id))
    return found.session.requested_amount.currency
