"""The alert rules and the dashboard ask for what is there, in queries that Prometheus can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY

import gateway.retention  # noqa: F401 - with these, every metric is known
import services.sessions.retention
import services.sessions.usecases  # noqa: F401
from services.runtime import metrics  # noqa: F401

ROOT = Path(__file__).parents[2]
HERE = ROOT / "deploy/observability"
# Prometheus's own, and a label that its configuration gives.
GIVEN = {"up", "process_resident_memory_bytes"}


def _queries() -> Iterator[tuple[str, str]]:
    for group in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads((HERE / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def _metrics_in(node: promql_parser.Expr) -> Iterator[str]:
    return iter(re.findall(r"\b((?:grpc|http|counterfoil|process)_\w+|up)\b(?=\{|\[|\s|$|\))", node.prettify()))


@pytest.mark.parametrize(("name", "query"), list(_queries()))
def test_a_query_asks_for_metrics_that_there_are(name: str, query: str) -> None:
    known = {sample for each in REGISTRY.collect() for sample in _samples(each.name, each.type)}

    asked = set(_metrics_in(promql_parser.parse(query))) - set(re.findall(r"by \(([^)]*)\)", query))
    asked -= {"grpc_method", "grpc_code", "grpc_service"}

    assert asked, name
    assert asked <= known | GIVEN, name


def test_a_query_for_what_there_is_not_would_be_found() -> None:
    [asked] = _metrics_in(promql_parser.parse('sum(rate(counterfoil_nothing_total{kind="claim"}[5m]))'))

    assert asked == "counterfoil_nothing_total"


def test_every_metric_stands_in_the_documentation() -> None:
    text = (ROOT / "docs/telemetry.md").read_text()
    ours = {each.name for each in REGISTRY.collect() if each.name.startswith(("counterfoil_", "grpc_", "http_"))}

    assert {name for name in ours if name not in text} == set()


def test_every_alert_says_what_it_means_and_how_urgent_it_is() -> None:
    for group in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"page", "ticket"}
            assert {"summary", "description"} == set(rule["annotations"])


def _samples(name: str, kind: str) -> set[str]:
    match kind:
        case "counter":
            return {f"{name}_total"}
        case "histogram":
            return {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return {name}
