"""OpenTelemetry traces, one for all the hops of a call: only where the environment names a collector.

Configured by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER...).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from services.runtime.settings import BadSetting

if TYPE_CHECKING:
    from opentelemetry.trace import SpanKind, Tracer

Pairs = Iterable[tuple[str, str | bytes]]

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING = nullcontext()
# What an error says may quote a personal text, which stays out of traces as it stays out of the log.
_UNQUOTED: dict[str, Any] = {"record_exception": False, "set_status_on_exception": False}
_tracer: Tracer | None = None


def configure(name: str) -> Callable[[], None]:
    """Starts to send traces, and returns what sends the last of them. Raises BadSetting without the extra `tracing`."""
    global _tracer
    if not any(os.environ.get(each) for each in _ENDPOINTS):
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise BadSetting(f"{_ENDPOINTS[0]}: tracing is not installed; install counterfoil[tracing]") from None
    resource = Resource.create() if os.environ.get("OTEL_SERVICE_NAME") else Resource.create({SERVICE_NAME: name})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("counterfoil")
    return provider.shutdown


def answering(method: str, metadata: Pairs | None, request_id: str) -> AbstractContextManager[object]:
    """A call that came in, under the span that its caller names (https://www.w3.org/TR/trace-context/)."""
    if _tracer is None:
        return _NOTHING
    return _answering(_tracer, method, metadata or (), request_id)


def step(name: str) -> AbstractContextManager[object]:
    """A part of a call that is worth a span of its own."""
    return _NOTHING if _tracer is None else _tracer.start_as_current_span(name, **_UNQUOTED)


def forwarded() -> tuple[tuple[str, str], ...]:
    """The metadata that puts the next hop under the current span."""
    if _tracer is None:
        return ()
    from opentelemetry.propagate import inject

    carrier: dict[str, str] = {}
    inject(carrier)
    return tuple(carrier.items())


def current_trace() -> str:
    """The id of the trace, 32 hex digits; empty without one."""
    if _tracer is None:
        return ""
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


@contextmanager
def _answering(tracer: Tracer, method: str, metadata: Pairs, request_id: str) -> Iterator[None]:
    from opentelemetry.propagate import extract
    from opentelemetry.trace import get_current_span

    within = get_current_span().get_span_context().is_valid
    # Within the process the span is at hand; only what comes over a network has to be told of it.
    context = None if within else extract({key: value for key, value in metadata if isinstance(value, str)})
    attributes = {"counterfoil.request_id": request_id}
    with tracer.start_as_current_span(
        method.removeprefix("/"), context, _kind(within), attributes, **_UNQUOTED
    ) as span:
        try:
            yield
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            raise


def _kind(within: bool) -> SpanKind:
    from opentelemetry.trace import SpanKind

    return SpanKind.INTERNAL if within else SpanKind.SERVER
