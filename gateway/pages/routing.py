"""How a page is asked for and refused: forms of other sites are not taken, and a browser reads its errors as a page."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import grpc
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.http import problems
from gateway.http.bodies import BoundedRoute, Handler, PictureRoute
from gateway.pages.rendering import page
from gateway.pages.words import texts
from services.runtime.refusals import Internal, Refusal
from services.runtime.status import refusal_of

_FIELDS_MAX = 40
_FIELD_BYTES_MAX = 64 * 1024


class _Page(APIRoute):
    """Errors as plain sentences for a browser, as problem details for a program."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answering(request: Request) -> Response:
            if not wants_page(request):
                return await handle(request)
            request.state.answer_refusal = lambda refusal: error_page(request, Refused.of(refusal))
            try:
                return await handle(request)
            except HTTPException as error:
                return error_page(request, Refused.of_http(error))

        return answering


class PageRoute(_Page, BoundedRoute):
    pass


class PicturePageRoute(_Page, PictureRoute):
    pass


@dataclass(frozen=True, slots=True)
class Refused:
    """What a person is told: the sentence of the problem that a program would get."""

    status: int
    reason: str
    sentence: str
    field: str = ""

    @classmethod
    def of(cls, error: Refusal | grpc.aio.AioRpcError) -> Refused:
        refusal = error if isinstance(error, Refusal) else refusal_of(error)
        problem: dict[str, Any] = json.loads(bytes(problems.of_refusal(refusal).body))
        field = problem.get("field", "")
        sentence = texts()["reasons"].get(problem["reason"]) or _without_name(problem["detail"], field)
        return cls(problem["status"], problem["reason"], sentence[:1].upper() + sentence[1:], field)

    @classmethod
    def of_http(cls, error: HTTPException) -> Refused:
        sentence = texts()["http"].get(str(error.status_code)) or str(error.detail)
        return cls(error.status_code, "", sentence[:1].upper() + sentence[1:])


def _without_name(sentence: str, field: str) -> str:
    """People see which field is meant; its name is for programs."""
    name, _, rest = sentence.partition(": ")
    return rest if name == field or field.startswith(f"{name}.") else sentence


def refused(error: Refusal | grpc.aio.AioRpcError) -> Refused:
    """Why a form is shown again. Raises what is no answer to what was entered."""
    found = Refused.of(error)
    if found.reason == Internal.reason:
        raise error
    return found


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def error_page(request: Request, why: Refused) -> Response:
    return page(request, "error.html", why.status, why=why, phrase=HTTPStatus(why.status).phrase)


async def read_form(request: Request) -> Form:
    """The fields of a form of our own page. Raises HTTPException for one of another site's.

    There are no cookies, so such a form has no more rights than its author has; but it would act in the name of whoever
    was made to send it.
    """
    if not _is_own(request):
        raise HTTPException(403, texts()["foreign_form"])
    return Form(await request.form(max_files=1, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES_MAX))


def _is_own(request: Request) -> bool:
    """By Sec-Fetch-Site, which a page cannot set; where it is missing (plain http), by Origin."""
    if site := request.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    own = {request.headers.get("host"), urlsplit(request.app.state.settings.public_url or "").netloc} - {None, ""}
    return origin is None or origin.partition("://")[2] in own


class Form:
    def __init__(self, given: FormData) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """As people type it: without the spaces around it, and in the one form of Unicode that messages have."""
        value = self._given.get(name, "")
        return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else ""

    async def file(self, name: str) -> bytes:
        value = self._given.get(name)
        return await value.read() if isinstance(value, UploadFile) else b""

    @property
    def texts(self) -> dict[str, str]:
        """To fill the form again; empty for what was not given."""
        return defaultdict(str, {name: self.text(name) for name in self._given})


def bearer(request: Request) -> str:
    """The payee token (RFC 6750, section 2.1), which only the page's script can send: no form of another site."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
