"""How a gRPC server takes in the one message of a call, of which nothing bounds the time and the memory otherwise.

Left to itself, gRPC takes in messages of all callers at once, and waits for the rest of each as long as its caller
likes. Handlers are therefore registered as if they were sent a stream, of which we read one message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import grpc

from services.runtime.channels import MESSAGE_BYTES_MAX
from services.runtime.refusals import InvalidArgument
from services.runtime.space import SMALL_BYTES_MAX, Space

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context = grpc.aio.ServicerContext[Any, Any]

# Nobody can tell how large a message is to become while it arrives.
ARRIVING_MAX = 16
# Of large messages that are being answered. Each is held some four times: as bytes, as fields, for each call behind.
LARGE_BYTES_MAX = 64 * 1024 * 1024


class _NotTheMessage(InvalidArgument):
    reason = "INVALID_FIELD"


class Arrivals:
    def __init__(self) -> None:
        # Small messages wait for it too, which are here as soon as they begin.
        self._arriving = Space(
            ARRIVING_MAX * MESSAGE_BYTES_MAX, patience_seconds=1, patience_seconds_min=0.05, waiting_seconds_max=20
        )
        # What has arrived takes memory already, so it does not wait.
        self._large = Space(LARGE_BYTES_MAX, waiting_seconds_max=0)

    def bounded(self, handler: Handler) -> Handler:
        read = _sized(handler.request_deserializer)
        if handler.unary_unary:
            return grpc.stream_unary_rpc_method_handler(
                self._unary(handler.unary_unary), read, handler.response_serializer
            )
        if handler.unary_stream:
            return grpc.stream_stream_rpc_method_handler(
                self._stream(handler.unary_stream), read, handler.response_serializer
            )
        assert handler.stream_stream, "nothing here is sent a stream and answers once"
        return grpc.stream_stream_rpc_method_handler(
            self._streams(handler.stream_stream), handler.request_deserializer, handler.response_serializer
        )

    def _unary(self, behaviour: Callable[..., Any]) -> Callable[..., Any]:
        async def answer(_messages: object, context: Context) -> Any:
            size, request = await self._read(context)
            if size <= SMALL_BYTES_MAX:
                return await behaviour(request, context)
            async with self._large.place(size) as place:
                place.arrived()
                return await behaviour(request, context)

        return answer

    def _stream(self, behaviour: Callable[..., Any]) -> Callable[..., Any]:
        async def answer(_messages: object, context: Context) -> AsyncIterator[Any]:
            size, request = await self._read(context)
            # It is kept for as long as the stream lasts.
            if size > SMALL_BYTES_MAX:
                raise _NotTheMessage(f"the request is larger than {SMALL_BYTES_MAX} bytes; send what the call takes")
            async for response in behaviour(request, context):
                yield response
                del response  # As the interceptors do.

        return answer

    def _streams(self, behaviour: Callable[..., Any]) -> Callable[..., Any]:
        async def answer(messages: object, context: Context) -> AsyncIterator[Any]:
            async with self._arriving.place(MESSAGE_BYTES_MAX):
                async for response in behaviour(messages, context):
                    yield response

        return answer

    async def _read(self, context: Context) -> tuple[int, Any]:
        async with self._arriving.place(MESSAGE_BYTES_MAX):
            read = await context.read()
        if read is grpc.aio.EOF:
            raise _NotTheMessage("the call came without its request; send one message")
        return read  # type: ignore[no-any-return]


def _sized(deserialize: Any) -> Callable[[bytes], tuple[int, Any]]:
    return lambda raw: (len(raw), deserialize(raw))
