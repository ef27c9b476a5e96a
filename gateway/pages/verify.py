"""`/verify`: what a text or a picture says, and what of it holds.

The page's script reads COMPACT texts in the browser. The rest comes here, and everything where there is no script.
"""

from __future__ import annotations

import json

import grpc
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http.dependencies import PaymentFlows
from gateway.pages.rendering import headline, page
from gateway.pages.routing import PicturePageRoute, read_form, refused
from services.runtime.refusals import Refusal

router = APIRouter(route_class=PicturePageRoute, include_in_schema=False)


@router.get("/verify")
async def get_form(request: Request) -> Response:
    return page(request, "verify.html", given="", read=None, why=None)


@router.post("/verify")
async def post_form(request: Request, payments: PaymentFlows) -> Response:
    form = await read_form(request)
    image, text = await form.file("image"), form.text("text")
    asking = pb.DecodeMessageRequest(image=image) if image else pb.DecodeMessageRequest(text=text)
    try:
        read = await payments.decode_message(asking)
    except (Refusal, grpc.aio.AioRpcError) as error:
        why = refused(error)
        return page(request, "verify.html", why.status, given=text, read=None, why=why)
    unsigned = json.loads(read.unsigned_fields) if read.unsigned_fields else {}
    word = headline(*(each.verdict for each in read.dossier)) if read.dossier else headline(read.verdict)
    return page(request, "verify.html", given=text, read=read, word=word, unsigned=unsigned, why=None)
