"""One message of a session: its page with the verdict, and its text, picture and credential to keep."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.flows import Payments
from gateway.http.dependencies import Configuration, PaymentFlows
from gateway.pages import conversation
from gateway.pages.conversation import Conversation
from gateway.pages.links.drawing import draw
from gateway.pages.rendering import page
from gateway.pages.routing import PageRoute
from gateway.pages.words import texts

# A message never changes.
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
_PICTURES = {
    "png": (message_pb2.QR_FORMAT_PNG, "image/png"),
    "svg": (message_pb2.QR_FORMAT_SVG, "image/svg+xml"),
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/r/{session_id}/method/{place}.svg")
async def get_method_picture(session_id: str, place: int, payments: PaymentFlows) -> Response:
    """The QR code of a payment method, counted from 1."""
    methods = (await conversation.read(payments, session_id)).methods
    link = methods[place - 1][1] if 1 <= place <= len(methods) else None
    if not link:
        raise HTTPException(404, texts()["no_picture"])
    return Response(draw(link.code), headers=_KEPT, media_type="image/svg+xml")


@router.get("/r/{session_id}/link.svg")
async def get_link_picture(session_id: str, settings: Configuration, payments: PaymentFlows) -> Response:
    """The QR code of the request's page, for any phone. There is one where the service knows its own address."""
    found = await conversation.read(payments, session_id)
    if not settings.public_url:
        raise HTTPException(404, texts()["no_address"])
    return Response(draw(f"{settings.public_url}/r/{found.session.id}"), headers=_KEPT, media_type="image/svg+xml")


@router.get("/r/{session_id}/conversation.{form}")
async def get_conversation(session_id: str, form: str, payments: PaymentFlows) -> Response:
    """All messages in one text, as they are now."""
    qr_format, media_type = _PICTURES.get(form, (message_pb2.QR_FORMAT_UNSPECIFIED, "text/plain; charset=utf-8"))
    if form not in ("txt", *_PICTURES):
        raise HTTPException(404)
    written = await payments.export_session(pb.ExportSessionRequest(session_id=session_id, qr_format=qr_format))
    content = written.qr_image or f"{written.text}\n".encode()
    headers = {"Content-Disposition": f'attachment; filename="counterfoil-{session_id[:8]}.{form}"'}
    return Response(content, headers=headers, media_type=media_type)


@router.get("/r/{session_id}/{message_id}.{form}")
async def get_file(session_id: str, message_id: str, form: str, request: Request, payments: PaymentFlows) -> Response:
    found, credential = await _read(payments, session_id, message_id)
    kind = _kind(found, message_id)
    headers = {**_KEPT, "Content-Disposition": f'attachment; filename="counterfoil-{kind}-{message_id[:8]}.{form}"'}
    if form in _PICTURES:
        qr_format, media_type = _PICTURES[form]
        written = await payments.write_credential(credential.json, qr_format)
        if "keep" not in request.query_params:
            headers = _KEPT
        return Response(written.qr_image, headers=headers, media_type=media_type)
    if form == "txt":
        written = await payments.write_credential(credential.json)
        return Response(written.text + "\n", headers=headers, media_type="text/plain; charset=utf-8")
    if form == "json":
        return Response(credential.json, headers=headers, media_type="application/vc")
    raise HTTPException(404)


@router.get("/r/{session_id}/{message_id}")
async def get_message(session_id: str, message_id: str, request: Request, payments: PaymentFlows) -> Response:
    found, credential = await _read(payments, session_id, message_id)
    written = await payments.write_credential(credential.json)
    return page(
        request,
        "message.html",
        found=found,
        session=found.session,
        message=found.message(message_id),
        verdict=await payments.verify_credential(credential.json),
        text=written.text,
        credential=credential,
    )


async def _read(payments: Payments, session_id: str, message_id: str) -> tuple[Conversation, credential_pb2.Credential]:
    found = await conversation.read(payments, session_id)
    if message_id not in found.credentials:
        raise HTTPException(404, texts()["no_message"])
    return found, found.credentials[message_id]


def _kind(found: Conversation, message_id: str) -> str:
    message = found.message(message_id)
    return (message.WhichOneof("statement") if message else None) or "message"
