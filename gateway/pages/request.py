"""`/r/{session}`: what is asked, how to pay it, "I have paid", and the payee's answers.

The link of the page carries no secret. The payee's token stands in the fragment of their own link, which no browser
sends; the page's script takes it from there and sends it in a header with the payee's answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import grpc
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.flows import Payments
from gateway.http.dependencies import PaymentFlows
from gateway.pages import conversation
from gateway.pages.rendering import page
from gateway.pages.routing import Form, PageRoute, Refused, bearer, read_form, refused
from gateway.pages.words import texts
from services.runtime.refusals import Refusal

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/r/{session_id}")
async def get_request(session_id: str, request: Request, payments: PaymentFlows) -> Response:
    return await _show(request, payments, session_id)


@router.post("/r/{session_id}/claim")
async def post_claim(session_id: str, request: Request, payments: PaymentFlows) -> Response:
    form = await read_form(request)
    session = (await conversation.read(payments, session_id)).session
    claim = pb.ClaimPaymentRequest(
        request_id=form.text("request_id"),
        session_id=session_id,
        amount=message_pb2.Money(amount=form.text("amount"), currency=session.requested_amount.currency),
        evidence=form.text("evidence") or None,
        payer=message_pb2.Party(handle=form.text("payer")) if form.text("payer") else None,
    )
    if custom := form.text("custom_method"):
        claim.custom_method = custom
    elif method := form.text("method"):
        claim.method = method
    return await _try(request, payments, session_id, form, "claim", lambda: payments.claim_payment(claim))


@router.post("/r/{session_id}/acknowledge")
async def post_acknowledgement(session_id: str, request: Request, payments: PaymentFlows) -> Response:
    """The payee acknowledges a claim of the session as it was issued; from here on it goes as if it had been pasted."""
    form = await read_form(request)
    found = await conversation.read(payments, session_id)
    credential = found.credentials.get(form.text("claim_id"))
    if not credential:
        raise HTTPException(404, texts()["no_claim"])
    amount = form.text("amount")
    acknowledgement = pb.AcknowledgePaymentRequest(
        request_id=form.text("request_id"),
        payee_token=bearer(request),
        session_id=session_id,
        text=(await payments.write_credential(credential.json)).text,
        received_amount=message_pb2.Money(amount=amount, currency=found.request.amount.currency) if amount else None,
    )
    return await _try(
        request, payments, session_id, form, "answer", lambda: payments.acknowledge_payment(acknowledgement)
    )


@router.post("/r/{session_id}/reject")
async def post_rejection(session_id: str, request: Request, payments: PaymentFlows) -> Response:
    form = await read_form(request)
    rejection = pb.RejectClaimRequest(
        request_id=form.text("request_id"),
        payee_token=bearer(request),
        session_id=session_id,
        claim_id=form.text("claim_id"),
        reason=form.text("reason"),
    )
    return await _try(request, payments, session_id, form, "answer", lambda: payments.reject_claim(rejection))


@router.post("/r/{session_id}/cancel")
async def post_cancellation(session_id: str, request: Request, payments: PaymentFlows) -> Response:
    form = await read_form(request)
    cancellation = pb.CancelRequestRequest(
        request_id=form.text("request_id"),
        payee_token=bearer(request),
        session_id=session_id,
        reason=form.text("reason"),
    )
    return await _try(request, payments, session_id, form, "answer", lambda: payments.cancel_request(cancellation))


async def _try(
    request: Request,
    payments: Payments,
    session_id: str,
    form: Form,
    what: str,
    act: Callable[[], Awaitable[Any]],
) -> Response:
    """The page again: by a redirect when it is done, so that reloading sends nothing twice, or with what is wrong."""
    try:
        await act()
    except (Refusal, grpc.aio.AioRpcError) as error:
        return await _show(request, payments, session_id, why=refused(error), what=what, given=form.texts)
    # Relative, so that it holds behind any proxy.
    return RedirectResponse(f"../{session_id}#said", 303)


async def _show(
    request: Request,
    payments: Payments,
    session_id: str,
    *,
    why: Refused | None = None,
    what: str = "",
    given: dict[str, str] | None = None,
) -> Response:
    found = await conversation.read(payments, session_id)
    credential = found.credentials.get(found.session.request.id)
    return page(
        request,
        "request.html",
        why.status if why else 200,
        found=found,
        session=found.session,
        asked=found.request,
        verdicts=await conversation.verdicts(payments, found),
        text=(await payments.write_credential(credential.json)).text if credential else "",
        why=why,
        what=what,
        given=given or defaultdict(str),
        new_id=lambda: str(uuid4()),
    )
