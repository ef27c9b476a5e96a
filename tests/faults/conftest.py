"""Programs that a test starts, and that are gone when it ends, however it ends."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.deployment import Deployment
from tests.faults.parties import payments
from tests.processes import Program, Start


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Start]:
    """Starts a program without waiting for it, on the test's own directory."""
    programs: list[Program] = []

    def launch(module: str = "gateway", directory: Path = tmp_path, **settings: str) -> Program:
        programs.append(Program.launch(module, directory, **settings))
        return programs[-1]

    yield launch
    for program in programs:
        program.kill()


@pytest.fixture
def start(launch: Start) -> Start:
    """Starts a program and waits until it listens."""
    return lambda *args, **settings: launch(*args, **settings).wait_until_listening()


@pytest.fixture
def deployment(launch: Start, tmp_path: Path) -> Deployment:
    return Deployment.start(launch, tmp_path)


@pytest.fixture
def client(deployment: Deployment) -> Iterator[PaymentsServiceStub]:
    with payments(deployment.address) as client:
        yield client


@pytest.fixture
def chance() -> random.Random:
    """Randomness that a failed test can be run with again: FAULTS_SEED=..."""
    seed = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(2**32))
    print(f"FAULTS_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    return random.Random(seed)
