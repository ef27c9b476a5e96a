"""Metrics and traces of a deployment of two processes, as Prometheus and a collector get them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as collected
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as collecting
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.runtime import sampling, spans, tracing
from services.runtime.spans import Spans
from tests.processes import Program, a_lasting_address

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ASKED = pb.RequestPaymentRequest(
    payee=message_pb2.Party(handle="Ana"), amount=message_pb2.Money(amount="120", currency="EUR")
)


class Collector(collecting.TraceServiceServicer):
    """Keeps the spans that it is sent, each with the service that it came from."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
        for each in request.resource_spans:
            service = next(a.value.string_value for a in each.resource.attributes if a.key == "service.name")
            self.spans += [(service, span) for scope in each.scope_spans for span in scope.spans]
        return collected.ExportTraceServiceResponse()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    server, collector = grpc.server(ThreadPoolExecutor(2)), Collector()
    collecting.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield collector
    server.stop(None)


def test_a_call_is_one_trace_through_every_process(collector: Collector, tmp_path: Path) -> None:
    with Program.start("services.sessions", tmp_path / "a") as sessions:
        with Program.start("gateway", tmp_path / "b", sessions_address=sessions.address) as gateway:
            with grpc.insecure_channel(gateway.address) as channel:
                context = (("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"),)
                PaymentsServiceStub(channel).RequestPayment(ASKED, metadata=context)
            httpx.get(f"{gateway.url}/contexts/v1", headers=dict(context)).raise_for_status()
            gateway.stop()
        sessions.stop()

    of_trace = [(service, span) for service, span in collector.spans if span.trace_id.hex() == TRACE]
    names = {(service, span.name) for service, span in of_trace}
    assert {
        ("counterfoil-gateway", "counterfoil.payments.v1.PaymentsService/RequestPayment"),
        ("counterfoil-sessions", "counterfoil.sessions.v1.SessionsService/OpenSession"),
        ("counterfoil-gateway", "counterfoil.credentials.v1.CredentialsService/IssueCredential"),
        ("counterfoil-gateway", "counterfoil.codec.v1.CodecService/EncodeMessage"),
        ("counterfoil-gateway", "HTTP GET"),
    } <= names
    ids = {span.span_id for _, span in of_trace} | {bytes.fromhex("00f067aa0ba902b7")}
    assert all(span.parent_span_id in ids for _, span in of_trace)
    assert f"trace_id={TRACE}" in gateway.log
    assert f"trace_id={TRACE}" in sessions.log
    assert "Ana" not in str(collector.spans)


def test_metrics_tell_what_was_called_and_how_it_ended(tmp_path: Path) -> None:
    listen = a_lasting_address()
    with Program.start("gateway", tmp_path, metrics_listen=listen) as gateway:
        with grpc.insecure_channel(gateway.address) as channel:
            payments = PaymentsServiceStub(channel)
            payments.RequestPayment(ASKED)
            with pytest.raises(grpc.RpcError):
                payments.RequestPayment(pb.RequestPaymentRequest())
        httpx.request("HACK", f"{gateway.url}/session/nobody")
        text = httpx.get(f"http://{listen}/metrics").text

    payment = 'grpc_method="RequestPayment",grpc_service="counterfoil.payments.v1.PaymentsService",grpc_type="unary"'
    labels = payment.replace("grpc_method", 'grpc_code="{}",grpc_method')
    assert _value(text, "grpc_server_started_total", payment) == 2
    assert _value(text, "grpc_server_handled_total", labels.format("OK")) == 1
    assert _value(text, "grpc_server_handled_total", labels.format("InvalidArgument")) == 1
    assert _value(text, "grpc_server_handling_seconds_count", payment) == 2
    assert _value(text, "counterfoil_messages_recorded_total", 'kind="request"') == 1
    assert "HACK" not in text
    assert "nobody" not in text


def test_a_metrics_address_in_use_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        program = Program.launch("services.codec", tmp_path, metrics_listen=listen)
        assert program.wait() == 2

    assert program.log.count("\n") == 1
    assert "COUNTERFOIL_METRICS_LISTEN" in program.log


def _value(text: str, name: str, labels: str) -> float:
    found = re.search(rf"^{name}\{{{re.escape(labels)}\}} (\S+)$", text, re.MULTILINE)
    assert found, f"{name}{{{labels}}} is not in\n{text}"
    return float(found[1])


def test_pitfall_29_what_an_error_says_is_in_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_spans", Spans(provider))

    with pytest.raises(ValueError, match="Ana"), tracing.answering("/a.B/C", (), "r-1"), tracing.step("transaction"):
        raise ValueError("no such payee: Ana")

    step, call = exporter.get_finished_spans()
    assert "Ana" not in step.to_json() + call.to_json()
    assert (call.attributes or {})["error.type"] == "ValueError"


def test_a_call_that_is_not_sampled_has_no_spans_and_tells_the_next_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(sampler=ALWAYS_OFF)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_spans", Spans(provider))

    with tracing.answering("/a.B/C", (), "r-1"):
        ((name, told),) = tracing.forwarded()
        with tracing.answering("/a.D/E", (), "r-1"), tracing.step("transaction"):
            assert tracing.forwarded() == ((name, told),)
            assert tracing.current_trace() == ""

    assert (name, told[-3:]) == ("traceparent", "-00")
    assert exporter.get_finished_spans() == ()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.delenv("OTEL_TRACES_SAMPLER", raising=False)
    monkeypatch.setattr(sampling.AtMost.__init__, "__defaults__", (lambda: now[0],))
    return now


def traced(calls: int, *metadata: tuple[str, str]) -> int:
    """How many of so many calls are traced."""
    found = 0
    for _ in range(calls):
        with tracing.answering("/a.B/C", metadata, "r-1"):
            found += bool(tracing.current_trace())
    return found


@pytest.mark.parametrize(("name", "of_strangers"), [(spans.PUBLIC, 10), ("counterfoil-sessions", 50)])
def test_so_many_calls_a_second_are_traced_whatever_strangers_ask_of_a_gateway(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], name: str, of_strangers: int
) -> None:
    made = spans.provider(name)
    try:
        monkeypatch.setattr(tracing, "_spans", Spans(made))
        for _ in range(2):
            assert traced(50) == 2
            assert traced(50, ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")) == of_strangers
            clock[0] += 1
    finally:
        made.shutdown()


def test_a_call_beyond_those_tells_the_next_hop_not_to_trace_it(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    made = spans.provider(spans.PUBLIC)
    try:
        monkeypatch.setattr(tracing, "_spans", Spans(made))
        assert traced(50) == 2
        with tracing.answering("/a.B/C", (), "r-1"), tracing.answering("/a.D/E", (), "r-1"):
            ((name, told),) = tracing.forwarded()
    finally:
        made.shutdown()

    assert name == "traceparent"
    assert re.fullmatch("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00", told)


def test_who_names_a_sampler_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    made = spans.provider(spans.PUBLIC)
    try:
        monkeypatch.setattr(tracing, "_spans", Spans(made))
        assert traced(50) == 50
    finally:
        made.shutdown()
