"""The gRPC methods over the Connect protocol (https://connectrpc.com/docs/protocol): HTTP/1.1 with JSON or protobuf.

The same servicers answer, surrounded by the same interceptors; nothing is generated, since the descriptors say it all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import grpc
from connectrpc.code import Code
from connectrpc.codec import proto_binary_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from gateway.http.bodies import PICTURE_BODY_BYTES_MAX, PICTURE_BODY_SECONDS_MAX, BoundedBody, place_of
from gateway.http.calls import may_last
from gateway.http.streams import Streams
from services.messages.refusals import InvalidField
from services.runtime.call import REQUEST_ID_KEY, current_call
from services.runtime.interceptors import Handler, Interceptors
from services.runtime.refusals import Refusal
from services.runtime.space import SMALL_BYTES_MAX, Place
from services.runtime.status import DETAILS_KEY, status_of

Register = Callable[[Any], None]


def routes(register: Register, streams: Streams) -> list[Route]:
    """One for each method of each service."""
    methods = _Methods(streams.rpc)
    register(methods)
    application = _Application(methods.endpoints)
    return [
        Route(path, _Method(application, path, streams if path in methods.streams else None), methods=["POST"])
        for path in methods.endpoints
    ]


class _Methods:
    """Takes what a gRPC server takes."""

    def __init__(self, interceptors: Interceptors) -> None:
        self.endpoints: dict[str, Any] = {}
        self.streams: set[str] = set()
        self._interceptors = interceptors

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Handler]) -> None:
        described = descriptor_pool.Default().FindServiceByName(service).methods_by_name
        for name, handler in handlers.items():
            path = f"/{service}/{name}"
            method = MethodInfo(
                name=name,
                service_name=service,
                input=message_factory.GetMessageClass(described[name].input_type),
                output=message_factory.GetMessageClass(described[name].output_type),
                idempotency_level=IdempotencyLevel.UNKNOWN,
            )
            self.endpoints[path] = self._endpoint(method, self._interceptors.wrap(path, handler))

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """The generated code registers twice; the other way is enough."""

    def _endpoint(self, method: MethodInfo[Any, Any], handler: Handler) -> Any:
        if handler.unary_unary:
            unary: Any = handler.unary_unary
            return Endpoint.unary(method, lambda request, context: unary(request, _Context(context)))
        self.streams.add(f"/{method.service_name}/{method.name}")
        stream: Any = handler.unary_stream
        return Endpoint.server_stream(method, lambda request, context: stream(request, _Context(context)))


class _Context:
    """What the interceptors ask of gRPC's context."""

    def __init__(self, context: RequestContext[Any, Any]) -> None:
        self._context = context

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        call = current_call.get()
        assert call, "Calls surrounds every request"
        return ((REQUEST_ID_KEY, call.request_id),)

    def time_remaining(self) -> float | None:
        milliseconds = self._context.timeout_ms()
        return None if milliseconds is None else milliseconds / 1000

    def set_trailing_metadata(self, metadata: object) -> None:
        """The request id, which the answer's head has already."""

    async def abort(self, code: grpc.StatusCode, message: str, metadata: tuple[tuple[str, Any], ...]) -> None:
        raise _error(code, message, dict(metadata)[DETAILS_KEY])


def _error(code: grpc.StatusCode, message: str, details: bytes) -> ConnectError:
    return ConnectError(Code[code.name], message, Status.FromString(details).details)


def _refused(refusal: Refusal) -> ConnectError:
    return _error(*status_of(refusal))


def _malformed(kind: str) -> Refusal:
    return InvalidField(f"body: not the {kind} of this request; the protos say what it is", field="body")


class _Application(ConnectASGIApplication[None]):
    path = "/"

    def __init__(self, endpoints: Mapping[str, Any]) -> None:
        # No compression: what is sent could unpack to anything.
        super().__init__(service=None, endpoints=lambda _: endpoints, compressions=(), codecs=(_Binary(), _Json()))


class _Method:
    """The application for one method, within the bounds of a route that may be sent a picture.

    `streams` are what it counts among where it is a stream.
    """

    def __init__(self, application: _Application, path: str, streams: Streams | None) -> None:
        self.path = path  # For the log.
        self._application = application
        self._streams = streams
        prefix = "application/connect+" if streams else "application/"
        self._media_types = (prefix + "json", prefix + "proto")
        # What begins a stream is kept as long as it lasts.
        self._bytes_max = SMALL_BYTES_MAX if streams else PICTURE_BODY_BYTES_MAX

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self
        media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in self._media_types:
            # The library would take those of gRPC for its own, and then fail.
            accepted = ", ".join(self._media_types)
            raise HTTPException(415, f"send this method {accepted}", {"Accept-Post": accepted})
        # The interceptors know the deadline, and how to say in this protocol that it is over.
        may_last(Request(scope))
        counted = self._streams.watchers.one_more() if self._streams else nullcontext()
        with counted:
            async with place_of(scope, self._bytes_max) as place:
                await self._answer(scope, _Body(receive, self._bytes_max, place), send)

    async def _answer(self, scope: Scope, body: _Body, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[1].isascii()]  # The library decodes all as UTF-8.
        try:
            await self._application({**scope, "headers": headers}, body.receive, _Sized(send).send)
        except ConnectError:
            if not body.gone:
                raise
            body.task.uncancel()


class _Sized:
    """Says how long an answer is where it is sent whole, which the library leaves out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head:
            if not message.get("more_body", False):
                self._head["headers"].append((b"content-length", str(len(message["body"])).encode()))
            await self._send(self._head)
            self._head = None
        await self._send(message)


class _Body:
    def __init__(self, receive: Receive, bytes_max: int, place: Place) -> None:
        self._bounded = BoundedBody(receive, bytes_max, PICTURE_BODY_SECONDS_MAX, place)
        task = asyncio.current_task()
        assert task
        self.task = task
        self.gone = False
        self._complete = False

    async def receive(self) -> Message:
        try:
            message = await self._bounded.receive()
        except HTTPException as error:
            raise ConnectError(Code.RESOURCE_EXHAUSTED, error.detail) from None
        if self._complete and message["type"] == "http.disconnect":
            # The library itself sees it at the next change of the session, which may never come.
            self.gone = True
            self.task.cancel()
        self._complete = not message.get("more_body", False)
        return message


class _Binary:
    _codec = proto_binary_codec()

    def name(self) -> str:
        return "proto"

    def encode(self, message: Any) -> bytes:
        return self._codec.encode(message)

    def decode(self, data: bytes | bytearray, message: Any) -> Any:
        try:
            return self._codec.decode(data, message)
        except DecodeError:
            raise _refused(_malformed("protobuf")) from None


class _Json:
    def name(self) -> str:
        return "json"

    def encode(self, message: Any) -> bytes:
        return json_format.MessageToJson(message, indent=None).encode()

    def decode(self, data: bytes | bytearray, message: Any) -> Any:
        try:
            return json_format.Parse(bytes(data), message)
        except (json_format.ParseError, ValueError, RecursionError):
            raise _refused(_malformed("JSON")) from None
