"""What surrounds every request, as `services.runtime.interceptors` does on the gRPC side.

It gets an id and a deadline; what goes wrong becomes a problem; one line is logged; the answer carries safe headers.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import grpc
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http import problems
from services.runtime import metrics, tracing
from services.runtime.call import REQUEST_ID_KEY, Call, begin_call, current_call
from services.runtime.log import log, where
from services.runtime.refusals import DeadlineExceeded, Internal, Refusal, forget_frames
from services.runtime.status import refusal_of

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_UNANSWERED = "CANCELLED"
_NO_PATH = "(no such path)"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


_LIMIT = "counterfoil.limit"


def may_last(request: Request) -> None:
    """Takes the deadline away from the request and from what it calls."""
    limit: asyncio.Timeout = request.scope[_LIMIT]
    limit.reschedule(None)
    call = current_call.get()
    assert call
    current_call.set(replace(call, ends_at=None))


class Calls:
    def __init__(self, app: ASGIApp, *, deadline_seconds_max: float) -> None:
        self._app = app
        self._seconds_max = deadline_seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        pairs = _pairs(scope)
        call = begin_call(pairs, self._seconds_max)
        answer = _Answer(call, send)
        try:
            with tracing.answering(f"HTTP {_method(scope)}", pairs, call.request_id):
                await self._bounded(scope, receive, answer, call)
        finally:
            seconds = time.perf_counter() - started
            metrics.count_http(_method(scope), _path(scope), str(answer.code), seconds)
            log.info(
                "call",
                method=_name(scope),
                code=answer.code,
                milliseconds=round(seconds * 1000, 2),
                request_id=call.request_id,
            )

    async def _bounded(self, scope: Scope, receive: Receive, answer: _Answer, call: Call) -> None:
        try:
            async with asyncio.timeout(self._seconds_max) as limit:
                scope[_LIMIT] = limit
                app = _refuse_two_lengths if _has_two_lengths(scope) else self._app
                await app(scope, receive, answer.send)
        except ClientDisconnect:
            pass  # Nobody is left to answer.
        except Exception as error:
            refusal = DeadlineExceeded() if limit.expired() else _refusal(error, scope, call)
            if answer.code != _UNANSWERED:  # It has begun and cannot be taken back; the connection is closed.
                raise
            # A page answers its refusals as a page.
            answering = scope.get("state", {}).get("answer_refusal", problems.of_refusal)
            forget_frames(error)
            await answering(refusal)(scope, receive, answer.send)


def _has_two_lengths(scope: Scope) -> bool:
    """A proxy in front may have taken the other for the body's end, and what follows for somebody else's request."""
    return len({name for name, _ in scope["headers"]} & {b"content-length", b"transfer-encoding"}) == 2


async def _refuse_two_lengths(scope: Scope, receive: Receive, send: Send) -> None:
    """RFC 9112, section 6.1, which also wants the connection closed."""
    sentence = "the request has both Content-Length and Transfer-Encoding; send one of them"
    await problems.problem(400, sentence, headers={"Connection": "close"})(scope, receive, send)


class _Answer:
    """What goes out, with the headers that every answer has."""

    def __init__(self, call: Call, send: Send) -> None:
        self.code: int | str = _UNANSWERED
        self._call = call
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.code = message["status"]
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_KEY] = self._call.request_id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _refusal(error: Exception, scope: Scope, call: Call) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, grpc.aio.AioRpcError):
        refusal = refusal_of(error)
        if not isinstance(refusal, Internal):
            return refusal
    log.error("fault", method=_name(scope), request_id=call.request_id, **where(error))
    return Internal()


def _name(scope: Scope) -> str:
    path = _path(scope)
    return path if path == _NO_PATH else f"{_method(scope)} {path}"


def _method(scope: Scope) -> str:
    """One of the methods that there are: whoever asks can make others up."""
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def _path(scope: Scope) -> str:
    """The path as it is declared, not as it was asked for: that may hold anything."""
    route: Any = scope.get("route")
    return route.path if route else _NO_PATH


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
