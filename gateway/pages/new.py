"""`/new`: a form that makes a request, and what to send and what to keep of it."""

from __future__ import annotations

from collections import defaultdict
from uuid import uuid4

import grpc
from fastapi import APIRouter
from google.protobuf.duration_pb2 import Duration
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http.dependencies import PaymentFlows
from gateway.pages.links import link_of
from gateway.pages.links.asked import Asked
from gateway.pages.rendering import page
from gateway.pages.routing import Form, PageRoute, Refused, read_form, refused
from gateway.pages.words import texts
from services.messages.currencies import DECIMALS
from services.runtime.refusals import Refusal

_HOUR = 3600
LIFETIMES = {"hour": _HOUR, "day": 24 * _HOUR, "week": 7 * 24 * _HOUR, "month": 30 * 24 * _HOUR}
# What the form asks for, as the details of a method: its name, then the form's field for each key.
_METHODS = (
    ("SEPA", {"iban": "iban", "bic": "bic", "name": "holder"}),
    ("BTC", {"wallet": "bitcoin"}),
    ("XLM", {"wallet": "stellar", "memo": "stellar_memo"}),
    ("UPI", {"vpa": "upi"}),
    ("ETH", {"wallet": "ether"}),
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/new")
async def get_form(request: Request) -> Response:
    return _form(request, defaultdict(str, currency="EUR", lifetime="week", request_id=str(uuid4())))


@router.post("/new")
async def post_form(request: Request, payments: PaymentFlows) -> Response:
    """Sent twice, it gives the same request and token again, which a reload of the page needs."""
    form = await read_form(request)
    given = form.texts
    if wrong := _wrong_method(form):
        return _form(request, given, wrong)
    asking = pb.RequestPaymentRequest(
        request_id=form.text("request_id"),
        amount=message_pb2.Money(amount=form.text("amount"), currency=form.text("currency")),
        payee=message_pb2.Party(handle=form.text("payee")),
        description=form.text("description"),
        methods=_methods(form),
        ttl=Duration(seconds=LIFETIMES.get(form.text("lifetime"), LIFETIMES["week"])),
    )
    try:
        made = await payments.request_payment(asking)
    except (Refusal, grpc.aio.AioRpcError) as error:
        return _form(request, given, refused(error))
    return page(request, "made.html", made=made, session=made.session, asked=made.session.request.request)


def _form(request: Request, given: dict[str, str], why: Refused | None = None) -> Response:
    return page(
        request,
        "new.html",
        why.status if why else 200,
        given=given,
        why=why,
        lifetimes=list(LIFETIMES),
        currencies=list(DECIMALS),
    )


def _methods(form: Form) -> list[message_pb2.PaymentMethod]:
    found = [
        message_pb2.PaymentMethod(method=method, details=details)
        for method, fields in _METHODS
        if (details := {key: form.text(field) for key, field in fields.items() if form.text(field)})
    ]
    if other := form.text("other"):
        details = {"how": form.text("other_how")} if form.text("other_how") else {}
        found.append(message_pb2.PaymentMethod(method=other, details=details))
    return found


def _wrong_method(form: Form) -> Refused | None:
    """What no wallet or bank would take is most likely mistyped: the payer's money would go nowhere, or elsewhere."""
    asked = Asked(form.text("payee"), "1", "", "")
    for method, fields in _METHODS:
        details = {key: form.text(field) for key, field in fields.items() if form.text(field)}
        if details and not link_of(method, details, asked):
            field = next(iter(fields.values()))
            return Refused(400, "", texts()["new"]["wrong"][field], field)
    return None
