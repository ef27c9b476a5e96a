"""Calls to a gateway: tried again where that is safe, and ended by one exception where they fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo

from client.sdk.failures import Failure, Fault, NotReachable, Refused
from client.sdk.servers import channel_to, why_silent
from counterfoil.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.runtime.status import detail_of

Request = TypeVar("Request")
Answer = TypeVar("Answer")

# After these a call may have taken effect or not. Every call that changes something has a request_id, so that it takes
# effect once however often it is made. Nobody cancels a call here: gRPC does, where a server is about to stop.
_ENDED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
_RETRIED = (*_ENDED, grpc.StatusCode.DEADLINE_EXCEEDED)
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
    # Who only listens never notices that a router on the way has forgotten the connection, so the gateway is asked
    # whether it is still there.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
]


class Connection:
    """`payments` and `operator` are the generated stubs, for `call`. Safe to share between threads."""

    def __init__(
        self,
        server: str,
        *,
        timeout_seconds: float = 20,
        ca: Path | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """`server` is "pay.example.org:443" or "https://pay.example.org", both over TLS; "http://..." is without.

        On this machine, such as "localhost:50050", it is TLS with `ca`, a file with the authorities to trust, or with
        `credentials`, for those who have some of their own. Raises ValueError and OSError.
        """
        self.server = server
        self._timeout = timeout_seconds
        self._channel = channel_to(server, ca, credentials, _OPTIONS)
        self.payments = PaymentsServiceStub(self._channel)
        self.operator = OperatorServiceStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def call(self, method: grpc.UnaryUnaryMultiCallable[Request, Answer], request: Request) -> Answer:
        """Raises Refused, NotReachable or Fault."""
        said = ""  # Of a name with several addresses, every try may tell of another.
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return method(request, timeout=self._timeout)
            except grpc.RpcError as error:
                said += _sentence(error)
                if pause is None or _code(error) not in _RETRIED:
                    raise self._failure(error, getattr(request, "request_id", ""), said) from None
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def watch_session(
        self, session_id: str, after: int | None = None, *, on_loss: Callable[[], object] = lambda: None
    ) -> Generator[pb.WatchSessionResponse]:
        """The session as it is, or every change after that number; then every further change, for ever.

        A connection that is lost is made again, after a call of `on_loss`, and nothing is missed or told twice.
        """
        broken = 0
        while True:
            opened_at = time.monotonic()
            try:
                with closing(self._stream(session_id, after)) as changes:
                    for change in changes:
                        after = change.sequence
                        yield change
            except grpc.RpcError as error:
                lasted = time.monotonic() - opened_at > _STREAM_SECONDS_MIN
                broken = 1 if lasted else broken + 1
                if _code(error) not in _ENDED or broken > _BROKEN_STREAMS_MAX:
                    raise self._failure(error) from None
            on_loss()
            time.sleep(0.2 * 2**broken)

    def _stream(self, session_id: str, after: int | None) -> Generator[pb.WatchSessionResponse]:
        # A stream that waits for its server waits for ever, so another call does it first.
        known = pb.GetSessionRequest(session_id=session_id)
        self.payments.GetSession(known, timeout=self._timeout, wait_for_ready=True)
        stream = self.payments.WatchSession(pb.WatchSessionRequest(session_id=session_id, after_sequence=after))
        try:
            yield from stream
        finally:
            stream.cancel()

    def _failure(self, error: grpc.RpcError, request_id: str = "", said: str = "") -> Failure:
        code, info = _code(error), detail_of(cast(Any, error), ErrorInfo)
        reason = info.reason if info else code.name
        sentence = _sentence(error) or "the call failed"
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return Fault(f"{self.server} is no Counterfoil gateway, or one of another version", reason)
        if code in _RETRIED:
            return NotReachable(sentence if info else why_silent(self.server, said or sentence), reason, request_id)
        if code in _FAULTS:
            return Fault(sentence, reason, _trace(error))
        wrong = detail_of(cast(Any, error), BadRequest) or BadRequest()
        field = next((each.field for each in wrong.field_violations), "")
        return Refused(sentence, reason, field, info.metadata if info else None)


def _trace(error: grpc.RpcError) -> str:
    metadata = cast(grpc.Call, error).trailing_metadata() or ()
    return next((str(value) for key, value in metadata if key == "x-request-id"), "")


def _sentence(error: grpc.RpcError) -> str:
    return cast(grpc.Call, error).details() or ""


def _code(error: grpc.RpcError) -> grpc.StatusCode:
    return cast(grpc.Call, error).code()
