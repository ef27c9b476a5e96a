"""A client of the REST API for tests, and what a gRPC request is over REST."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb

SEPA = {"method": "SEPA", "iban": "DE02120300000000202051"}


@dataclass
class Rest:
    client: httpx.AsyncClient

    async def post(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def ok(self, path: str, /, **body: Any) -> Any:
        answer = await self.post(path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def request(self, **changes: Any) -> Any:
        return await self.ok(
            "/paymentRequest", **{"amount": "120", "currency": "EUR", "recipient_id": "Ana", **changes}
        )

    async def claim(self, asked: Any, amount: str = "120", **more: Any) -> Any:
        return await self.ok("/paymentSent", session_id=asked["session_id"], paid_amount=amount, **more)

    async def acknowledge(self, asked: Any, claimed: Any, **more: Any) -> Any:
        text = claimed["confirmation_message"]
        return await self.ok("/paymentReceived", payee_token=asked["payee_token"], encoded_message=text, **more)

    async def session(self, asked: Any) -> Any:
        return (await self.client.get(f"/session/{asked['session_id']}")).json()

    async def replay(self, method: str, request: Any) -> httpx.Response:
        """The same call that was made over gRPC."""
        if method in _PATHS:
            path = _PATHS[method]
            body = _signed(request) if getattr(request, "signed_message", "") else _BODIES[method](request)
            return await self.client.post(path, json={name: each for name, each in body.items() if each is not None})
        if method == "ListSessions":
            return await self.client.get(
                "/sessions",
                params={"page_size": request.page_size, "page_token": request.page_token},
                headers={b"Authorization": b"Bearer " + request.operator_token.encode()}
                if request.operator_token
                else {},
            )
        if method == "ExportSession":
            named = message_pb2.QrFormat.Name(request.qr_format)[10:] if request.qr_format < 4 else "x"
            params = {"qr_format": named} if request.qr_format else {}
            params |= {"claim": request.claim_id} if request.claim_id else {}
            return await self.client.get(f"/session/{request.session_id}/dossier", params=params)
        events = "/events" if method == "WatchSession" else ""
        return await self.client.get(f"/session/{request.session_id.replace('/', '%2F')}{events}")


_PATHS = {
    "RequestPayment": "/paymentRequest",
    "ClaimPayment": "/paymentSent",
    "AcknowledgePayment": "/paymentReceived",
    "RejectClaim": "/claimRejected",
    "CancelRequest": "/requestCancelled",
    "DecodeMessage": "/decodeMessage",
}


def _writing(request: Any) -> dict[str, Any]:
    named = request.format in (0, 1, 2)
    return {
        "request_id": request.request_id,
        "format": _name(message_pb2.TextFormat, request.format, "TEXT_FORMAT_") if named else str(request.format),
        "qr_format": (_name(message_pb2.QrFormat, request.qr_format, "QR_FORMAT_") if request.qr_format < 4 else "x"),
    }


def _name(enum: Any, value: int, prefix: str) -> str | None:
    return enum.Name(value).removeprefix(prefix) if value else None


def _party(party: message_pb2.Party) -> str:
    return party.did or party.handle


def _set(request: Any, field: str) -> Any:
    return getattr(request, field) if request.HasField(field) else None


def _requested(request: pb.RequestPaymentRequest) -> dict[str, Any]:
    return {
        "amount": request.amount.amount,
        "currency": request.amount.currency,
        "recipient_id": _party(request.payee) if request.HasField("payee") else None,
        "description": request.description,
        "preferences": [{**each.details, "method": each.method} for each in request.methods],
        "expiry": request.expire_time.ToJsonString() if request.HasField("expire_time") else None,
        "ttl_seconds": request.ttl.seconds if request.HasField("ttl") else None,
        **_writing(request),
    }


def _claimed(request: pb.ClaimPaymentRequest) -> dict[str, Any]:
    return {
        "session_id": request.session_id,
        "paid_amount": request.amount.amount,
        "currency": request.amount.currency,
        "transaction_proof": _set(request, "evidence"),
        "method": _set(request, "method"),
        "custom_method": _set(request, "custom_method"),
        "payer_id": _party(request.payer) if request.HasField("payer") else None,
        **_writing(request),
    }


def _message(request: Any) -> dict[str, Any]:
    return {
        "encoded_message": _set(request, "text"),
        "qr_code": base64.b64encode(request.image).decode() if request.HasField("image") else None,
    }


def _acknowledged(request: pb.AcknowledgePaymentRequest) -> dict[str, Any]:
    received = _set(request, "received_amount")
    return {
        "payee_token": request.payee_token,
        "session_id": request.session_id,
        "received_amount": received.amount if received else None,
        "currency": received.currency if received else None,
        **_message(request),
        **_writing(request),
    }


def _answered(request: Any) -> dict[str, Any]:
    return {
        "payee_token": request.payee_token,
        "session_id": request.session_id,
        "reason": request.reason,
        **({"claim_id": request.claim_id} if isinstance(request, pb.RejectClaimRequest) else {}),
        **_writing(request),
    }


def _signed(request: Any) -> dict[str, Any]:
    beside = {"amount": request.amount.amount} if "amount" in request.DESCRIPTOR.fields_by_name else {}
    return {"signed_message": request.signed_message, **{name: each for name, each in beside.items() if each}}


_BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "RequestPayment": _requested,
    "ClaimPayment": _claimed,
    "AcknowledgePayment": _acknowledged,
    "RejectClaim": _answered,
    "CancelRequest": _answered,
    "DecodeMessage": _message,
}
