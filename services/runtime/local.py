"""Calls within this process, behind the generated stubs: what a network channel does, without the network.

A call is a task of its own, as it is on a server: it starts at once and can be cancelled. Requests and responses are
copied, so that no side sees the other change what it holds. A call that is made to answer another is a part of that
one: it takes over what is made for it, and costs little more than a call of a function.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from typing import Any

import grpc
from google.protobuf.message import Message

from services.runtime.call import REQUEST_ID_KEY, Call
from services.runtime.interceptors import Handler, Interceptors

Pairs = tuple[tuple[str, str | bytes], ...]


class LocalChannel:
    """Both ends at once: services register here, and stubs are made on it."""

    def __init__(self, interceptors: Interceptors) -> None:
        self._interceptors = interceptors
        self._handlers: dict[str, Handler] = {}
        self._within: dict[str, Callable[..., Any]] = {}

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Handler]) -> None:
        for name, handler in handlers.items():
            method = f"/{service}/{name}"
            self._handlers[method] = self._interceptors.wrap(method, handler)
            if handler.unary_unary:
                self._within[method] = self._interceptors.within(method, handler)

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """The generated code registers twice; the other way is enough."""

    def unary_unary(self, method: str, *_serializers: Any, **_more: Any) -> Callable[..., LocalCall]:
        return lambda request, *, timeout=None, metadata=None, **_: LocalCall(
            self._behaviour(method, "unary_unary", _unimplemented), request, timeout, metadata
        )

    def unary_stream(self, method: str, *_serializers: Any, **_more: Any) -> Callable[..., LocalStream]:
        return lambda request, *, timeout=None, metadata=None, **_: LocalStream(
            self._behaviour(method, "unary_stream", _unimplemented_stream), request, timeout, metadata
        )

    def within(self, method: str) -> Callable[[Message, Call], Awaitable[Message]]:
        """A unary call while another is answered: in its task, within its time."""

        async def call(request: Message, answered: Call) -> Message:
            behaviour = self._within.get(method)
            if behaviour is None:
                raise _failure(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
            context = LocalContext(answered.ends_at, ((REQUEST_ID_KEY, answered.request_id),))
            response: Message = await behaviour(request, context, answered)
            return response

        return call

    def _behaviour(self, method: str, kind: str, missing: Callable[..., Any]) -> Callable[..., Any]:
        return getattr(self._handlers.get(method), kind, None) or missing

    async def close(self, grace: float | None = None) -> None:
        """Nothing is open between calls."""


class LocalContext:
    """The servicer's side of a call. It ends at a time on the clock of `time.monotonic`, or as late as it likes."""

    __slots__ = ("_ends_at", "_metadata", "initial", "trailing")

    def __init__(self, ends_at: float | None, metadata: Any) -> None:
        self._ends_at = ends_at
        self._metadata: Pairs = tuple(metadata or ())
        self.initial: Pairs = ()
        self.trailing: Pairs = ()

    def invocation_metadata(self) -> Pairs:
        return self._metadata

    def time_remaining(self) -> float | None:
        return None if self._ends_at is None else self._ends_at - time.monotonic()

    def peer(self) -> str:
        return "local"

    async def send_initial_metadata(self, metadata: Any) -> None:
        self.initial = tuple(metadata)

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailing = tuple(metadata)

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()) -> None:
        raise _failure(code, details, self.initial, tuple(trailing_metadata) or self.trailing)


class _LocalRpc:
    """What both kinds of call tell their caller."""

    __slots__ = ("_context", "_task", "_timeout")
    _task: asyncio.Task[Any]

    def __init__(self, timeout: float | None, metadata: Any) -> None:
        self._timeout = timeout
        self._context = LocalContext(None if timeout is None else time.monotonic() + timeout, metadata)

    def _bounded(self, running: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        return running if self._timeout is None else self._in_time(running)

    async def _in_time(self, running: Coroutine[Any, Any, Any]) -> Any:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                return await running
        except TimeoutError:
            if limit.expired():
                raise _failure(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded") from None
            raise

    def cancel(self) -> bool:
        return self._task.cancel()

    def cancelled(self) -> bool:
        return self._task.cancelled()

    def done(self) -> bool:
        return self._task.done()

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._task.add_done_callback(lambda _task: callback(self))

    async def code(self) -> grpc.StatusCode:
        error = await self._error()
        return error.code() if error else grpc.StatusCode.OK

    async def details(self) -> str | None:
        error = await self._error()
        return error.details() if error else ""

    async def initial_metadata(self) -> Pairs:
        await self._error()
        return self._context.initial

    async def trailing_metadata(self) -> Pairs:
        error = await self._error()
        return tuple(error.trailing_metadata()) if error else self._context.trailing

    async def _error(self) -> grpc.aio.AioRpcError | None:
        await asyncio.wait([self._task])
        if self._task.cancelled():
            return _failure(grpc.StatusCode.CANCELLED, "Locally cancelled by application!")
        error = self._task.exception()
        assert error is None or isinstance(error, grpc.aio.AioRpcError)
        return error


class LocalCall(_LocalRpc):
    __slots__ = ()

    def __init__(self, behaviour: Callable[..., Any], request: Message, timeout: float | None, metadata: Any) -> None:
        super().__init__(timeout, metadata)
        self._task = asyncio.ensure_future(self._bounded(self._run(behaviour, _copy(request))))

    def __await__(self) -> Generator[Any, None, Any]:
        return self._task.__await__()

    async def _run(self, behaviour: Callable[..., Any], request: Message) -> Message:
        return _copy(await behaviour(request, self._context))


class LocalStream(_LocalRpc):
    __slots__ = ("_response", "_waiting")

    def __init__(self, behaviour: Callable[..., Any], request: Message, timeout: float | None, metadata: Any) -> None:
        super().__init__(timeout, metadata)
        # One response ahead of the reader: a slow one holds the sender back, as flow control does.
        self._response: Message | None = None
        # Whoever of the two waits for the other; a queue would take 3 kB, and ten thousand may watch.
        self._waiting: asyncio.Future[None] | None = None
        self._task = asyncio.ensure_future(self._bounded(self._run(behaviour, _copy(request))))
        self._task.add_done_callback(lambda _task: self._wake())

    async def _run(self, behaviour: Callable[..., Any], request: Message) -> None:
        async for response in behaviour(request, self._context):
            while self._response is not None:
                await self._wait()
            self._response = _copy(response)
            del response
            self._wake()

    async def __aiter__(self) -> AsyncIterator[Message]:
        try:
            while not (self._task.done() and self._response is None):
                if self._response is None:
                    await self._wait()
                else:
                    yield self._taken(self._response)
            await self._task
        finally:
            self._task.cancel()

    def _taken(self, response: Message) -> Message:
        self._response = None
        self._wake()
        return response

    async def _wait(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)


def _copy(message: Message) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _failure(code: grpc.StatusCode, details: str, initial: Pairs = (), trailing: Pairs = ()) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(*initial), grpc.aio.Metadata(*trailing), details)


async def _unimplemented(_request: Message, context: LocalContext) -> None:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")


async def _unimplemented_stream(request: Message, context: LocalContext) -> AsyncIterator[Message]:
    await _unimplemented(request, context)
    yield request
