"""Refusals as problem details (RFC 9457), with the reason and the status of the one error table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from starlette.responses import Response

from services.runtime.refusals import Overloaded, Refusal
from services.runtime.status import status_of

MEDIA_TYPE = "application/problem+json"
# Of every answer that is one of these, in the words of JSON Schema.
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do, for a person."},
        "reason": {"type": "string", "description": "The same for a program: a reason of the error table."},
        "code": {"type": "string", "description": "The gRPC code of the same refusal."},
        "field": {"type": "string", "description": "Which field is wrong, where one is."},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_STATUSES = {each.code: each.http_status for each in Refusal.__subclasses__() if hasattr(each, "http_status")}
# Where the reason says more than its category; see docs/errors.md.
_STATUSES_OF_REASONS = {"SESSION_EXPIRED": 404, Overloaded.reason: Overloaded.http_status}
# RFC 6750, section 3; RFC 9110, section 11.6.1, wants it with every 401.
_CHALLENGES = {"UNAUTHENTICATED": 'Bearer realm="counterfoil"', "PERMISSION_DENIED": 'Bearer error="invalid_token"'}


def http_status(code: str, reason: str) -> int:
    """The HTTP status of a refusal, also of one that another process made and whose class is not known here."""
    return _STATUSES_OF_REASONS.get(reason) or _STATUSES.get(code, 500)


def of_refusal(refusal: Refusal, *, status: int | None = None) -> Response:
    code, sentence, details = status_of(refusal)
    info, field = _details(details)
    members: dict[str, Any] = {"code": code.name, "reason": info.reason, "metadata": dict(info.metadata)}
    if field:
        members["field"] = field
    headers = {"WWW-Authenticate": _CHALLENGES[code.name]} if code.name in _CHALLENGES else {}
    if info.reason == Overloaded.reason:
        headers["Retry-After"] = str(Overloaded.retry_after_seconds)
    return problem(status or http_status(code.name, info.reason), sentence, headers=headers, **members)


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """`about:blank` says that the status is the problem's type (RFC 9457, section 4.2.1); the reason tells more."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    return Response(json.dumps(body), status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides, for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {each: {"description": HTTPStatus(each).phrase, "content": content} for each in statuses}


def _details(details: bytes) -> tuple[ErrorInfo, str]:
    info, field = ErrorInfo(reason="INTERNAL"), ""
    for each in Status.FromString(details).details:
        if each.Is(ErrorInfo.DESCRIPTOR):
            each.Unpack(info)
        elif each.Is(BadRequest.DESCRIPTOR):
            violations = BadRequest()
            each.Unpack(violations)
            field = violations.field_violations[0].field if violations.field_violations else ""
    return info, field
