"""Calls to a gateway: tried again where that is safe, and ended in one sentence where they fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, TypeVar, cast

import click
import grpc

from client.failures import Failure, Fault, NotReachable, Refused
from client.options import globals_of
from counterfoil.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.runtime.status import reason_of

Request = TypeVar("Request")
Answer = TypeVar("Answer")

# After these a call may have taken effect or not. Every call that changes something has a request_id, so that it takes
# effect once however often it is made.
_RETRIED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_PAUSES_SECONDS = (0.2, 0.8)
_FAULTS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS)

# A stream that broke sooner than this brought nothing; after so many in a row there is no point in going on.
_STREAM_SECONDS_MIN = 5.0
_BROKEN_STREAMS_MAX = 5

_OPTIONS = [
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


class Gateway:
    def __init__(self, server: str, timeout_seconds: float) -> None:
        self.server = server
        self._timeout = timeout_seconds
        self._channel = grpc.insecure_channel(server, _OPTIONS)
        self.payments = PaymentsServiceStub(self._channel)
        self.operator = OperatorServiceStub(self._channel)

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_error: object) -> None:
        self._channel.close()

    def call(self, method: grpc.UnaryUnaryMultiCallable[Request, Answer], request: Request) -> Answer:
        """Raises Refused, NotReachable or Fault."""
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return method(request, timeout=self._timeout)
            except grpc.RpcError as error:
                if pause is None or _code(error) not in _RETRIED:
                    raise self._failure(error, getattr(request, "request_id", "")) from None
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def watch(self, session_id: str, after: int | None) -> Iterator[pb.WatchSessionResponse | None]:
        """The session's changes, for ever; None whenever the connection was lost and is being made again."""
        broken = 0
        while True:
            self._connect()
            opened_at = time.monotonic()
            try:
                for change in self.payments.WatchSession(
                    pb.WatchSessionRequest(session_id=session_id, after_sequence=after)
                ):
                    after = change.sequence
                    yield change
            except grpc.RpcError as error:
                lasted = time.monotonic() - opened_at > _STREAM_SECONDS_MIN
                broken = 1 if lasted else broken + 1
                if _code(error) is not grpc.StatusCode.UNAVAILABLE or broken > _BROKEN_STREAMS_MAX:
                    raise self._failure(error) from None
            yield None
            time.sleep(0.2 * 2**broken)

    def _connect(self) -> None:
        try:
            grpc.channel_ready_future(self._channel).result(self._timeout)
        except grpc.FutureTimeoutError:
            raise NotReachable(self._silence()) from None

    def _failure(self, error: grpc.RpcError, request_id: str = "") -> Failure:
        code, info = _code(error), reason_of(cast(Any, error))
        sentence = cast(grpc.Call, error).details() if info else ""
        reason = f"[{info.reason if info else code.name}]"
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return Fault(f"{self.server} is no Counterfoil gateway, or one of another version {reason}")
        if code in _RETRIED:
            again = f"; to try again safely, add --request-id {request_id}" if request_id else ""
            return NotReachable(f"{sentence or self._silence()}{again} {reason}")
        sentence = sentence or cast(grpc.Call, error).details() or "the call failed"
        if code in _FAULTS:
            return Fault(f"{sentence} {reason}{_trace(error)}")
        return Refused(f"{sentence} {reason}")

    def _silence(self) -> str:
        return f"no answer from {self.server}; is a server running there? `counterfoil serve` starts one"


def gateway_of(context: click.Context) -> Gateway:
    """The gateway that the global options name, until the command ends."""
    wanted = globals_of(context)
    return context.with_resource(Gateway(wanted.server, wanted.timeout))


def _trace(error: grpc.RpcError) -> str:
    """What finds the fault in the server's log."""
    metadata = cast(grpc.Call, error).trailing_metadata() or ()
    return next((f" x-request-id {value!s}" for key, value in metadata if key == "x-request-id"), "")


def _code(error: grpc.RpcError) -> grpc.StatusCode:
    return cast(grpc.Call, error).code()
