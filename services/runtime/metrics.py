"""What the process counts, for Prometheus; nobody listens unless COUNTERFOIL_METRICS_LISTEN says where."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from services.runtime import tracing

T = TypeVar("T")

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# The names of the common gRPC middleware, so that dashboards made for it work here too.
_CALL = ("grpc_type", "grpc_service", "grpc_method")

_HTTP_HANDLED = Counter("http_server_handled", "Requests over HTTP ended.", ("method", "path", "status"))
_HTTP_HANDLING = Histogram(
    "http_server_handling_seconds", "Seconds from a request's start to its end.", ("method", "path"), buckets=_SECONDS
)

_WAITING = Gauge("counterfoil_database_writes_waiting", "Transactions asked for and not on disk yet.", ("database",))
_BATCH = Histogram(
    "counterfoil_database_batch",
    "Transactions in one commit, on SQLite.",
    ("database",),
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)

_CERTIFICATE = Gauge(
    "counterfoil_certificate_expires_timestamp_seconds", "When what the process shows is over.", ("file",)
)


class Lasted:
    """How long something took, counted on one event loop: plain numbers, as a lock for each costs more than the call of
    a function, and a request is some five calls within the process."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        # How many lasted no longer than each of _SECONDS and longer than the one before; the last of all, longer.
        self.counts = [0] * (len(_SECONDS) + 1)

    def observe(self, seconds: float) -> None:
        self.seconds += seconds
        self.counts[bisect_left(_SECONDS, seconds)] += 1

    def add_to(self, family: HistogramMetricFamily, labels: Sequence[str]) -> None:
        bounds = (*map(floatToGoString, _SECONDS), "+Inf")
        family.add_metric(labels, list(zip(bounds, accumulate(self.counts), strict=True)), self.seconds)


class OfMethod:
    """The calls of one method."""

    __slots__ = ("handled", "lasted", "started")

    def __init__(self) -> None:
        self.started = 0
        # By their gRPC codes, as the middleware of other languages writes them.
        self.handled: dict[str, int] = {}
        self.lasted = Lasted()

    def ended(self, code: str, seconds: float) -> None:
        """With a gRPC code such as "NOT_FOUND"."""
        self.handled[code] = self.handled.get(code, 0) + 1
        self.lasted.observe(seconds)


_METHODS: dict[tuple[str, str, str], OfMethod] = {}
_WRITES: dict[str, Lasted] = {}


def of_method(method: str, kind: str) -> OfMethod:
    """For "/package.Service/Method", of the kind "unary" or "server_stream"."""
    _, service, name = method.split("/")
    return _METHODS.setdefault((kind, service, name), OfMethod())


class _Plain(Collector):
    def collect(self) -> Iterator[Metric]:
        started = CounterMetricFamily("grpc_server_started", "Calls begun.", labels=_CALL)
        handled = CounterMetricFamily("grpc_server_handled", "Calls ended.", labels=(*_CALL, "grpc_code"))
        handling = HistogramMetricFamily(
            "grpc_server_handling_seconds", "Seconds from a unary call's start to its end.", labels=_CALL
        )
        writing = HistogramMetricFamily(
            "counterfoil_database_write_seconds",
            "Seconds from asking for a transaction to its being on disk.",
            labels=("database",),
        )
        for labels, method in list(_METHODS.items()):
            started.add_metric(labels, method.started)
            for code, count in list(method.handled.items()):
                handled.add_metric((*labels, _title(code)), count)
            if labels[0] == "unary":
                method.lasted.add_to(handling, labels)
        for database, writes in list(_WRITES.items()):
            writes.add_to(writing, (database,))
        return iter((started, handled, handling, writing))


REGISTRY.register(_Plain())


class OfDatabase:
    """What one database counts."""

    def __init__(self, name: str) -> None:
        self.batch = _BATCH.labels(name)
        self._writing = _WRITES.setdefault(name, Lasted())
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
