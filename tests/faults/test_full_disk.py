"""A disk that takes nothing more: calls that need it are to be made again, the others are answered."""

from __future__ import annotations

import resource
from typing import Any

import grpc
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.faults.parties import a_claim, a_request, payments, why
from tests.processes import Program, Start


def test_a_disk_that_takes_nothing_makes_calls_unavailable_and_a_retry_books_once(start: Start) -> None:
    gateway = start()
    with payments(gateway.address) as client:
        opened = client.RequestPayment(a_request())
        claim = a_claim(opened.session.id)
        take_nothing(gateway)
        for _ in range(3):
            assert refusal(client.ClaimPayment, claim) == ("UNAVAILABLE", "SERVICE_UNAVAILABLE")
        asked = pb.GetSessionRequest(session_id=opened.session.id)
        assert client.GetSession(asked).session == opened.session
        take_everything(gateway)

        assert client.ClaimPayment(claim) == client.ClaimPayment(claim)
        assert client.GetSession(asked).session.sequence == 2
    gateway.stop()
    assert "Traceback" not in gateway.log


def test_a_log_that_cannot_be_written_costs_no_call_its_answer(start: Start) -> None:
    gateway = start()
    with payments(gateway.address) as client:
        opened = client.RequestPayment(a_request())
        take_nothing(gateway)
        for _ in range(3):
            assert client.GetSession(pb.GetSessionRequest(session_id=opened.session.id)).session == opened.session


def take_nothing(program: Program) -> None:
    """No file of it can grow, its log included."""
    resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def take_everything(program: Program) -> None:
    resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def refusal(method: Any, request: Any) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as refused:
        method(request)
    return why(refused.value)
