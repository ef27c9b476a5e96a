"""What the process counts, for Prometheus; nobody listens unless COUNTERFOIL_METRICS_LISTEN says where."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram

from services.runtime import tracing

T = TypeVar("T")

# The names of the common gRPC middleware, so that dashboards made for it work here too.
_CALL = ("grpc_type", "grpc_service", "grpc_method")
_STARTED = Counter("grpc_server_started", "Calls begun.", _CALL)
_HANDLED = Counter("grpc_server_handled", "Calls ended.", (*_CALL, "grpc_code"))
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_HANDLING = Histogram(
    "grpc_server_handling_seconds", "Seconds from a unary call's start to its end.", _CALL, buckets=_SECONDS
)

_HTTP_HANDLED = Counter("http_server_handled", "Requests over HTTP ended.", ("method", "path", "status"))
_HTTP_HANDLING = Histogram(
    "http_server_handling_seconds", "Seconds from a request's start to its end.", ("method", "path"), buckets=_SECONDS
)

_WAITING = Gauge("counterfoil_database_writes_waiting", "Transactions asked for and not on disk yet.", ("database",))
_WRITING = Histogram(
    "counterfoil_database_write_seconds",
    "Seconds from asking for a transaction to its being on disk.",
    ("database",),
    buckets=_SECONDS,
)
_BATCH = Histogram(
    "counterfoil_database_batch",
    "Transactions in one commit, on SQLite.",
    ("database",),
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)

_CERTIFICATE = Gauge(
    "counterfoil_certificate_expires_timestamp_seconds", "When what the process shows is over.", ("file",)
)

# How the calls of one method begin, and how they end: with a gRPC code after so many seconds.
Begun = Callable[[], None]
Ended = Callable[[str, float], None]


def of_method(method: str, kind: str) -> tuple[Begun, Ended]:
    """For "/package.Service/Method", of the kind "unary" or "server_stream"; looked up once, as labels cost time."""
    _, service, name = method.split("/")
    labels = (kind, service, name)
    handling = _HANDLING.labels(*labels) if kind == "unary" else None
    handled: dict[str, Counter] = {}

    def ended(code: str, seconds: float) -> None:
        if code not in handled:
            handled[code] = _HANDLED.labels(*labels, _title(code))
        handled[code].inc()
        if handling:
            handling.observe(seconds)

    return partial(_STARTED.labels(*labels).inc, 1), ended


class OfDatabase:
    """What one database counts."""

    def __init__(self, name: str) -> None:
        self.batch = _BATCH.labels(name)
        self._writing = _WRITING.labels(name)
        self._in_progress = 0
        _WAITING.labels(name).set_function(lambda: self._in_progress)

    async def written(self, transaction: Awaitable[T]) -> T:
        """Waits for a transaction, and counts it from asking for it to its end."""
        started = time.perf_counter()
        self._in_progress += 1
        try:
            with tracing.step("transaction"):
                return await transaction
        finally:
            self._in_progress -= 1
            self._writing.observe(time.perf_counter() - started)


def count_http(method: str, path: str, status: str, seconds: float) -> None:
    """A request that ended; the path as it is declared, so that strangers make no new labels."""
    _HTTP_HANDLED.labels(method, path, status).inc()
    _HTTP_HANDLING.labels(method, path).observe(seconds)


def watch_certificate(file: str, expires_at: Callable[[], float]) -> None:
    _CERTIFICATE.labels(file).set_function(expires_at)


def _title(code: str) -> str:
    """ "NOT_FOUND" as the middleware of other languages writes it: "NotFound"."""
    return "OK" if code == "OK" else "".join(part.capitalize() for part in code.split("_"))
