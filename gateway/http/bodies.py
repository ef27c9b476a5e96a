"""JSON from strangers, read within bounds and without guessing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.authority import Operator
from services.messages.refusals import InvalidField

BODY_BYTES_MAX = 256 * 1024
_NESTING_MAX = 100
_INTEGER_DIGITS_MAX = 20

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotJson(InvalidField):
    def __init__(self, what: str) -> None:
        super().__init__(f"body: {what}; send one JSON object", field="body")


class StrictRoute(APIRoute):
    """A route whose JSON body is read by the rules of this file."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            read = _StrictRequest(request.scope, request.receive)
            await read.json()  # Before FastAPI does, which would not say what is wrong.
            return await handle(read)

        return strict


class OperatorRoute(StrictRoute):
    """Asks for the operator's token (RFC 6750, section 2.1) before anything of the body is read."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            operator: Operator = request.app.state.operator
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            operator.check(token.strip() if scheme.lower() == "bearer" else "")
            return await handle(request)

        return guarded


class _StrictRequest(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await self._read()
        return self._body

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json

    async def _read(self) -> bytes:
        body = b""
        async for chunk in self.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise HTTPException(413, f"the body is larger than {BODY_BYTES_MAX} bytes; send less")
        return body


def read_json(body: bytes) -> Any:
    """Raises NotJson, also for duplicate keys, NaN, huge integers and nesting without end."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_short_integer,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        raise NotJson("not valid JSON in UTF-8") from None
    if _is_deeper(value, _NESTING_MAX):
        raise NotJson(f"nested deeper than {_NESTING_MAX} levels")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJson("it holds half a character") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("has the same key twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise NotJson(f"holds {name}, which is no JSON")


def _short_integer(digits: str) -> int:
    # int() takes quadratic time; no honest integer is longer.
    if len(digits) > _INTEGER_DIGITS_MAX:
        raise NotJson("holds a huge integer")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NotJson("holds a number that is too large")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Level by level, so that it takes no stack."""
    layer = [value]
    for _ in range(levels):
        layer = [item for each in layer if isinstance(each, (dict, list)) for item in _items(each)]
        if not layer:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value
