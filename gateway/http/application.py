"""The HTTP application: its routes, and how what is no refusal of ours is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from gateway.http import asked, connect, description, probes, problems, published, sessions, vc_api
from gateway.http import payments as payment_routes
from gateway.http.bodies import BODIES_BYTES_MAX
from gateway.http.calls import Calls
from gateway.http.parts import Parts
from gateway.http.probes import Readiness
from gateway.http.streams import Streams
from gateway.pages import ROUTERS as PAGES
from services.messages.refusals import InvalidField
from services.runtime.space import Space

# What is served. The class of a route says how its body is read (gateway.http.bodies); its handler asks for what it
# needs by gateway.http.dependencies. A header that an answer sets itself, such as its policy, is kept (see Calls).
ROUTERS = (
    payment_routes.writing,
    payment_routes.reading,
    sessions.router,
    vc_api.issuing,
    vc_api.verifying,
    published.router,
    description.router,
    probes.router,
    *PAGES,
)

_SENTENCES = {
    404: "there is nothing at this address; see docs/http.md for what there is",
    405: "this address does not take that method; the header Allow says which it takes",
}


def make_application(parts: Parts, streams: Streams) -> FastAPI:
    # FastAPI's own documentation pages load their scripts from other hosts.
    application = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=description.PATH,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    application.state.settings = parts.settings
    application.state.payments = parts.payments
    application.state.credentials = parts.credentials
    application.state.operator = parts.operator
    application.state.readiness = Readiness(parts.channels)
    application.state.streams = streams
    application.state.bodies = Space(
        BODIES_BYTES_MAX, patience_seconds=4, patience_seconds_min=1, waiting_seconds_max=5
    )
    for router in ROUTERS:
        application.include_router(router, include_in_schema=router not in PAGES)
    description.describe(application)
    application.router.routes.extend(connect.routes(parts.register, streams))
    application.add_exception_handler(HTTPException, _answer_http)  # type: ignore[arg-type]
    application.add_exception_handler(RequestValidationError, _answer_shape)  # type: ignore[arg-type]
    application.add_middleware(Calls, deadline_seconds_max=parts.settings.deadline_seconds_max)
    if parts.settings.http_cors_origins:
        application.add_middleware(CORSMiddleware, **_cors(parts.settings.http_cors_origins))
    return application


def _cors(origins: tuple[str, ...]) -> dict[str, Any]:
    """What scripts of other origins may send and read. There are no cookies, so they are lent nobody's rights."""
    return {
        "allow_origins": origins,
        "allow_methods": ["GET", "POST"],
        "allow_headers": [
            "Authorization",
            "Connect-Protocol-Version",
            "Connect-Timeout-Ms",
            "Content-Type",
            "Idempotency-Key",
            "If-None-Match",
            "Last-Event-ID",
            "X-Request-Id",
        ],
        "expose_headers": ["ETag", "X-Request-Id"],
    }


async def _answer_http(_: Request, error: HTTPException) -> Response:
    given = str(error.detail)
    sentence = _SENTENCES.get(error.status_code, given) if given == HTTPStatus(error.status_code).phrase else given
    return problems.problem(error.status_code, sentence, headers=error.headers)


async def _answer_shape(request: Request, error: RequestValidationError) -> Response:
    """The first field that is not of its form. What it held is not repeated."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:] if part not in (asked.STATED, asked.SIGNED)) or "body"
    sentence = f"{field}: {first['msg'].removeprefix('Value error, ')}; see /docs"
    status = getattr(request.scope.get("route"), "shape_status", 422)
    return problems.of_refusal(InvalidField(sentence, field=field), status=status)
