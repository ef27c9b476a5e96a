"""Tests of what is deployed; `make e2e` and `make compose-local` bring it up and say where it is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.deploy.compose import Compose
from tests.faults.parties import payments


def _given(name: str) -> str:
    if name not in os.environ:
        pytest.skip("plays against what `make e2e` or `make compose-local` brings up")
    return os.environ[name]


@pytest.fixture
def gateway() -> str:
    return _given("E2E_GATEWAY")


@pytest.fixture
def url() -> str:
    return _given("E2E_HTTP")


@pytest.fixture
def client(gateway: str) -> Iterator[PaymentsServiceStub]:
    with payments(gateway) as client:
        yield client


@pytest.fixture(scope="session")
def compose() -> Compose:
    return Compose(_given("E2E_COMPOSE").split())
