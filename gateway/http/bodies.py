"""Bodies from strangers: bounded in size and time, and JSON read without guessing."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope

from gateway.authority import Operator
from services.messages.refusals import InvalidField
from services.runtime.space import SMALL_BYTES_MAX, Place, Space

BODY_BYTES_MAX = 256 * 1024
BODY_SECONDS_MAX = 10.0
# A picture of 8 MiB, also in Base64, and what goes with it.
PICTURE_BODY_BYTES_MAX = 12 * 1024 * 1024
PICTURE_BODY_SECONDS_MAX = 25.0
# Of all larger ones together, from their first byte to their answer. Each is held some three times.
BODIES_BYTES_MAX = 96 * 1024 * 1024
_NESTING_MAX = 100
_DIGITS_MAX = 20
_DECIMAL_DIGITS_MAX = 40

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotJson(InvalidField):
    def __init__(self, what: str) -> None:
        super().__init__(f"body: {what}; send one JSON object", field="body")


class BoundedRoute(APIRoute):
    """A route that reads no more and waits no longer than this, whatever its body is: a form, JSON, anything."""

    bytes_max: ClassVar[int] = BODY_BYTES_MAX
    seconds_max: ClassVar[float] = BODY_SECONDS_MAX
    # What a body is answered that is not of its shape.
    shape_status: ClassVar[int] = 422

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            async with place_of(request.scope, self.bytes_max) as place:
                body = BoundedBody(request.receive, self.bytes_max, self.seconds_max, place)
                return await handle(await self.read(Request(request.scope, body.receive)))

        return bounded

    async def read(self, request: Request) -> Request:
        """What of the body is read before FastAPI does."""
        return request


class PictureRoute(BoundedRoute):
    """A bounded route that may be sent a picture."""

    bytes_max = PICTURE_BODY_BYTES_MAX
    seconds_max = PICTURE_BODY_SECONDS_MAX


class StrictRoute(BoundedRoute):
    """A bounded route whose body is JSON, read by the rules of this file."""

    exact: ClassVar[bool] = False

    async def read(self, request: Request) -> Request:
        strict = _StrictRequest(request.scope, request.receive)
        await strict.read(exact=self.exact)  # Before FastAPI does, which would not say what is wrong.
        return strict


class ExactRoute(StrictRoute):
    """A strict route that reads numbers as decimals, since they may be money."""

    exact = True


class ExactPictureRoute(ExactRoute):
    """The same, where the body may hold a picture."""

    bytes_max = PICTURE_BODY_BYTES_MAX
    seconds_max = PICTURE_BODY_SECONDS_MAX


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


def place_of(scope: Scope, bytes_max: int) -> Place:
    """For what the head says of the body's size; for the most that is read where it does not."""
    headers = Headers(scope=scope)
    announced = headers.get("content-length", bytes_max if "transfer-encoding" in headers else 0)
    size = min(int(announced), bytes_max)
    bodies: Space = scope["app"].state.bodies
    return bodies.place(size if size > SMALL_BYTES_MAX else 0)


class BoundedBody:
    def __init__(self, receive: Receive, bytes_max: int, seconds_max: float, place: Place) -> None:
        self._place = place
        self._receive = receive
        self._bytes_max = self._bytes_left = bytes_max
        self._ends_at = asyncio.get_running_loop().time() + seconds_max
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body did not arrive in time; send it again, faster") from None
        self._bytes_left -= len(message.get("body", b""))
        if self._bytes_left < 0:
            raise HTTPException(413, f"the body is larger than {self._bytes_max} bytes; send less")
        self._complete = not message.get("more_body", False)
        if self._complete:
            self._place.arrived()
        return message


class _StrictRequest(Request):
    async def read(self, *, exact: bool) -> None:
        self._json = read_json(await self.body(), exact=exact)


def read_json(body: bytes, *, exact: bool = False) -> Any:
    """Raises NotJson, also for duplicate keys, NaN, huge numbers, endless nesting. Exact: decimals and no floats."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_short_integer,
            parse_float=_short_decimal if exact else _finite,
        )
    except (ValueError, RecursionError):
        raise NotJson("not valid JSON in UTF-8") from None
    if _is_deeper(value, _NESTING_MAX):
        raise NotJson(f"nested deeper than {_NESTING_MAX} levels")
    if b"\\u" in body:
        _check_characters(value)
    return value


def _check_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise NotJson("it holds half a character") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("has the same key twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise NotJson(f"holds {name}, which is no JSON")


def _short_integer(digits: str) -> int:
    # int() takes quadratic time; no honest integer is longer.
    if len(digits) > _DIGITS_MAX:
        raise NotJson("holds a huge integer")
    return int(digits)


def _short_decimal(digits: str) -> Decimal:
    if len(digits) > _DECIMAL_DIGITS_MAX:
        raise NotJson("holds a huge number")
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise NotJson("holds a huge number") from None


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
