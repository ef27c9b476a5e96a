"""A flood of the largest pictures, from another process, against a gateway as an operator runs it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.flood import KINDS, measure
from bench.server import Server

MEMORY_MB_MAX = 1024
CALLERS = 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_of_large_requests_is_held_to_a_gibibyte_and_others_are_answered(kind: str, tmp_path: Path) -> None:
    """Unbounded, sixty took 1.9 GiB over HTTP and 2.8 GiB over gRPC."""
    # Who sends no end is waited for as long as a call may take.
    environment = {"COUNTERFOIL_DEADLINE_SECONDS_MAX": "10"} if kind == "over_http_without_the_end" else {}
    with Server(tmp_path, environment=environment) as server:
        measured = asyncio.run(measure(server, kind, CALLERS))

    assert measured.answers.total() == CALLERS
    assert measured.memory_mb[1] < MEMORY_MB_MAX
    assert set(measured.answers) <= {"400", "408", "503", "504", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "hung up"}
    assert measured.others.failed == 0
