"""What surrounds every handler: refusals become statuses, bugs become INTERNAL, time is bounded, a line is logged.

Handlers are wrapped once, when a service registers, so that a call pays for no chain of interceptors.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc

from services.runtime import metrics, tracing
from services.runtime.call import REQUEST_ID_KEY, Call, begin_call
from services.runtime.log import log, where
from services.runtime.refusals import DeadlineExceeded, Internal, Refusal, ServiceUnavailable, forget_frames
from services.runtime.status import DETAILS_KEY, refusal_of, status_of

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


@dataclass
class Interceptors:
    """`logged` is for calls that come over the network; those within the process belong to one of these."""

    deadline_seconds_max: float
    logged: bool
    _calls: set[asyncio.Task[Any]] = field(default_factory=set)
    _streams: set[asyncio.Task[Any]] = field(default_factory=set)
    _stopping: bool = False

    def wrap(self, method: str, handler: Handler) -> Handler:
        if handler.unary_unary:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(method, handler.unary_unary),  # type: ignore[arg-type]
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(
                self._stream(method, handler.unary_stream),  # type: ignore[arg-type]
                handler.request_deserializer,
                handler.response_serializer,
            )
        # How a server takes requests in (services.runtime.arriving); there are no others.
        if handler.stream_unary:
            return grpc.stream_unary_rpc_method_handler(
                self._unary(method, handler.stream_unary),  # type: ignore[arg-type]
                handler.request_deserializer,
                handler.response_serializer,
            )
        assert handler.stream_stream
        return grpc.stream_stream_rpc_method_handler(
            self._stream(method, handler.stream_stream),  # type: ignore[arg-type]
            handler.request_deserializer,
            handler.response_serializer,
        )

    def end_streams(self) -> None:
        """Ends the streams, which would otherwise last until their clients go; they are to resume elsewhere."""
        self._stopping = True
        for task in self._streams:
            task.cancel()

    async def end_calls(self, grace_seconds: float) -> None:
        """Lets calls run that long, then ends them with a status that says to try again."""
        self._stopping = True
        ends_at = time.monotonic() + grace_seconds
        # Calls that were on their way may still join.
        while self._calls and (left := ends_at - time.monotonic()) > 0:
            await asyncio.wait(self._calls, timeout=left)
        for task in self._calls:
            task.cancel()

    def within(self, method: str, handler: Handler) -> Callable[[Any, Context, Call], Any]:
        """For a call that is part of another one, and ends with that one."""
        behaviour: Callable[[Any, Context], Any] = handler.unary_unary  # type: ignore[assignment]
        counted = metrics.of_method(method, "unary")

        async def answer(request: Any, context: Context, call: Call) -> Any:
            started = time.perf_counter()
            counted.started += 1
            code = "CANCELLED"
            try:
                with tracing.answering(method, (), call.request_id):
                    response = await behaviour(request, context)
                code = "OK"
                return response
            except Exception as error:  # noqa: BLE001 - every failure gets a status, as below
                refusal = _refusal(error, method, call)
                code = status_of(refusal)[0].name
                await _abort(context, refusal, call)
            finally:
                counted.ended(code, time.perf_counter() - started)

        return answer

    def _unary(self, method: str, behaviour: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
        counted = metrics.of_method(method, "unary")

        async def answer(request: Any, context: Context) -> Any:
            started = time.perf_counter()
            counted.started += 1
            seconds = min(_seconds_allowed(context), self.deadline_seconds_max)
            call = begin_call(context.invocation_metadata(), seconds)
            context.set_trailing_metadata(((REQUEST_ID_KEY, call.request_id),))
            code = "CANCELLED"
            task = asyncio.current_task()
            assert task
            self._calls.add(task)
            try:
                async with asyncio.timeout(seconds) as limit:
                    with tracing.answering(method, context.invocation_metadata(), call.request_id):
                        response = await behaviour(request, context)
                code = "OK"
                return response
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                task.uncancel()
                code = "UNAVAILABLE"
                await _abort(context, ServiceUnavailable(), call)
            except Exception as error:  # noqa: BLE001 - every failure gets a status here, in one place
                refusal = DeadlineExceeded() if limit.expired() else _refusal(error, method, call)
                code = status_of(refusal)[0].name
                await _abort(context, refusal, call)
            finally:
                self._calls.discard(task)
                counted.ended(code, time.perf_counter() - started)
                self._log(method, code, started, call)

        return answer

    def _stream(self, method: str, behaviour: Callable[[Any, Context], AsyncIterator[Any]]) -> Callable[..., Any]:
        counted = metrics.of_method(method, "server_stream")

        async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
            started = time.perf_counter()
            counted.started += 1
            call = begin_call(context.invocation_metadata(), None)
            context.set_trailing_metadata(((REQUEST_ID_KEY, call.request_id),))
            task = asyncio.current_task()
            assert task
            self._streams.add(task)
            code = "CANCELLED"
            try:
                async for response in behaviour(request, context):
                    # While gRPC sends it, the task is gRPC's: cancelled there, the call would end without a status.
                    self._streams.discard(task)
                    yield response
                    del response  # Nothing is held while it waits: ten thousand may watch.
                    if self._stopping:
                        raise ServiceUnavailable
                    self._streams.add(task)
                code = "OK"
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                task.uncancel()
                code = "UNAVAILABLE"
                await _abort(context, ServiceUnavailable(), call)
            except Exception as error:  # noqa: BLE001 - as above
                refusal = _refusal(error, method, call)
                code = status_of(refusal)[0].name
                await _abort(context, refusal, call)
            finally:
                self._streams.discard(task)
                counted.ended(code, time.perf_counter() - started)
                self._log(method, code, started, call)

        return answer

    def _log(self, method: str, code: str, started: float, call: Call) -> None:
        if self.logged:
            milliseconds = round((time.perf_counter() - started) * 1000, 2)
            log.info("call", method=method, code=code, milliseconds=milliseconds, request_id=call.request_id)


def _seconds_allowed(context: Context) -> float:
    remaining = context.time_remaining()
    # Without a deadline of the caller's this is None or some centuries.
    return float("inf") if remaining is None else remaining


def _refusal(error: Exception, method: str, call: Call) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, grpc.aio.AioRpcError):
        refusal = refusal_of(error)
        if not isinstance(refusal, Internal):
            return refusal
    log.error("fault", method=method, request_id=call.request_id, **where(error))
    return Internal()


async def _abort(context: Context, refusal: Refusal, call: Call) -> None:
    code, message, details = status_of(refusal)
    forget_frames(sys.exception())
    await context.abort(code, message, ((DETAILS_KEY, details), (REQUEST_ID_KEY, call.request_id)))
