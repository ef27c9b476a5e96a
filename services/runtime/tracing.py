"""OpenTelemetry traces, one for all the hops of a call: only where the environment names a collector.

Configured by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER...).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from services.runtime.settings import BadSetting

if TYPE_CHECKING:
    from services.runtime.spans import Spans

Pairs = Iterable[tuple[str, str | bytes]]

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING = nullcontext()
_spans: Spans | None = None


def configure(name: str) -> Callable[[], None]:
    """Starts to send traces, and returns what sends the last of them. Raises BadSetting without the extra `tracing`."""
    global _spans
    if not any(os.environ.get(each) for each in _ENDPOINTS):
        return lambda: None
    try:
        from services.runtime import spans
    except ImportError:
        raise BadSetting(f"{_ENDPOINTS[0]}: tracing is not installed; install counterfoil[tracing]") from None
    provider = spans.provider(name)
    _spans = spans.Spans(provider)
    return provider.shutdown


def answering(method: str, metadata: Pairs | None, request_id: str) -> AbstractContextManager[object]:
    """A call that came in, under the span that its caller names."""
    return _NOTHING if _spans is None else _spans.answering(method, metadata or (), request_id)


def step(name: str) -> AbstractContextManager[object]:
    """A part of a call that is worth a span of its own."""
    return _NOTHING if _spans is None else _spans.step(name)


def forwarded() -> tuple[tuple[str, str], ...]:
    """The metadata that puts the next hop under the current span."""
    return () if _spans is None else _spans.forwarded()


def current_trace() -> str:
    """The id of the trace that is recorded, 32 hex digits; empty without one."""
    return "" if _spans is None else _spans.current_trace()
