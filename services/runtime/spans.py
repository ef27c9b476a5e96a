"""OpenTelemetry's spans, for a process that sends them.

Most calls are not sampled. Such a call has one span, which records nothing and only says so to whoever asks: no part of
it has a span of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import INVALID_SPAN_CONTEXT, NonRecordingSpan, Span, SpanKind, set_span_in_context
from opentelemetry.trace import TracerProvider as AnyTracerProvider

from services.runtime.sampling import Following

Pairs = Iterable[tuple[str, str | bytes]]

_NOTHING = nullcontext()
# What strangers call.
PUBLIC = "counterfoil-gateway"
_PARENT = "traceparent"
# Of a call that nobody asked to trace, when enough are traced: it has ids when the next hop is to be told.
_UNTRACED = NonRecordingSpan(INVALID_SPAN_CONTEXT)
_IDS = RandomIdGenerator()
# Each part of a call asks for it, and OpenTelemetry's own way to it takes ten times as long.
_current: ContextVar[Span | None] = ContextVar("span", default=None)


def provider(name: str) -> TracerProvider:
    """As OpenTelemetry's variables say; where they name no sampler, so many calls a second."""
    resource = Resource.create() if os.environ.get("OTEL_SERVICE_NAME") else Resource.create({SERVICE_NAME: name})
    chosen = os.environ.get("OTEL_TRACES_SAMPLER")
    made = TracerProvider(resource=resource, sampler=None if chosen else Following(public=name == PUBLIC))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


class Spans:
    def __init__(self, provider: AnyTracerProvider) -> None:
        self._tracer = provider.get_tracer("counterfoil")
        sampler = getattr(provider, "sampler", None)
        self._of_nobody = sampler.of_nobody if isinstance(sampler, Following) else None

    def answering(self, method: str, metadata: Pairs, request_id: str) -> AbstractContextManager[object]:
        around = _current.get()
        # Within the process the span is at hand; only what comes over a network has to be told of it.
        if around is None:
            if self._of_nobody and self._of_nobody.is_spent and not _tells_of_trace(metadata):
                return _Current(_UNTRACED)
            context, kind = _told(metadata), SpanKind.SERVER
        elif around.is_recording():
            context, kind = set_span_in_context(around), SpanKind.INTERNAL
        else:
            return _NOTHING
        attributes = {"counterfoil.request_id": request_id}
        return _Current(self._tracer.start_span(method.removeprefix("/"), context, kind, attributes))

    def step(self, name: str) -> AbstractContextManager[object]:
        around = _current.get()
        if around is None or not around.is_recording():
            return _NOTHING
        return _Current(self._tracer.start_span(name, set_span_in_context(around)))

    def forwarded(self) -> tuple[tuple[str, str], ...]:
        span = _current.get()
        if span is None:
            return ()
        about = span.get_span_context()
        if not about.trace_flags.sampled and not about.trace_state:
            # As it would be injected, at a tenth of the price.
            trace_id, span_id = about.trace_id or _IDS.generate_trace_id(), about.span_id or _IDS.generate_span_id()
            return ((_PARENT, f"00-{trace_id:032x}-{span_id:016x}-00"),)
        carrier: dict[str, str] = {}
        inject(carrier, set_span_in_context(span))
        return tuple(carrier.items())

    def current_trace(self) -> str:
        span = _current.get()
        about = span and span.get_span_context()
        return f"{about.trace_id:032x}" if about and about.trace_flags.sampled else ""


class _Current:
    """A span that is the current one as long as this context lasts, and ends with it.

    What an error says may quote a personal text, which stays out of traces as it stays out of the log.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> None:
        self._token: Token[Span | None] = _current.set(self._span)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        _current.reset(self._token)
        if isinstance(error, Exception):
            self._span.set_attribute("error.type", type(error).__name__)
        self._span.end()


def _tells_of_trace(metadata: Pairs) -> bool:
    return any(key == _PARENT for key, _ in metadata)


def _told(metadata: Pairs) -> Context | None:
    """What the caller says of its trace (https://www.w3.org/TR/trace-context/)."""
    texts = {key: value for key, value in metadata if isinstance(value, str)}
    return extract(texts) if _PARENT in texts else None
