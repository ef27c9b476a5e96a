"""The description of the REST API: as OpenAPI for programs, as Swagger UI for people, all of it from here."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.http import problems
from gateway.http.dependencies import PAYEE_TOKEN
from gateway.http.published import cached

PATH = "/openapi.json"
_SUMMARY = "Payment requests, claims and receipts as messages for any chat, each a credential that anyone can check."
_SECONDS = 24 * 3600
_OWN, _SWAGGER_UI = __package__, "fastapi_offline"
# Where each file is: ours, or those of Swagger UI as a package brings them.
_FILES = {
    "index.html": (_OWN, "swagger", "text/html; charset=utf-8"),
    "start.js": (_OWN, "swagger", "text/javascript; charset=utf-8"),
    "swagger-ui-bundle.js": (_SWAGGER_UI, "static", "text/javascript; charset=utf-8"),
    "swagger-ui.css": (_SWAGGER_UI, "static", "text/css; charset=utf-8"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


def describe(application: FastAPI) -> None:
    """Has the application answer its description with the shape of problems in it."""

    def openapi() -> dict[str, Any]:
        if application.openapi_schema is None:
            application.openapi_schema = _openapi(application)
        return application.openapi_schema

    application.openapi = openapi  # type: ignore[method-assign]


def _openapi(application: FastAPI) -> dict[str, Any]:
    described = get_openapi(
        title="Counterfoil", version=version("counterfoil"), summary=_SUMMARY, routes=application.routes
    )
    described["components"]["schemas"]["Problem"] = problems.SCHEMA
    _drop_shape_errors(described)
    _leave_bearer_open(described)
    return described


def _drop_shape_errors(described: dict[str, Any]) -> None:
    """FastAPI puts them where nothing else is said; they are none of the answers given here."""
    for unused in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(unused, None)
    for operations in described["paths"].values():
        for operation in operations.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]


def _leave_bearer_open(described: dict[str, Any]) -> None:
    """The payee token may stand in the body instead."""
    for operations in described["paths"].values():
        for operation in operations.values():
            if operation.get("security") == [{PAYEE_TOKEN: []}]:
                operation["security"].append({})


@router.get("/docs")
async def get_documentation(request: Request) -> Response:
    return _file(request, "index.html")


@router.get("/docs/{name}")
async def get_documentation_file(name: str, request: Request) -> Response:
    if name not in _FILES:
        raise HTTPException(404)
    return _file(request, name)


def _file(request: Request, name: str) -> Response:
    answer = cached(request, _content(name), _FILES[name][2], _SECONDS)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@cache
def _content(name: str) -> str:
    package, folder, _ = _FILES[name]
    return files(package).joinpath(folder, name).read_text()
