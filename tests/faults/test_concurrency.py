"""Payees who press the button twice, at the same moment and from several connections."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import grpc
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.parties import a_claim, a_request, an_acknowledgement, eur, payments, why
from tests.processes import Start

CONNECTIONS = 4
TRIES = 50


@pytest.fixture
def clients(start: Start) -> Iterator[list[PaymentsServiceStub]]:
    address = start().address
    with ExitStack() as stack:
        yield [stack.enter_context(payments(address)) for _ in range(CONNECTIONS)]


def test_acknowledgements_of_one_claim_at_the_same_moment_book_it_once(clients: list[PaymentsServiceStub]) -> None:
    for opened, claim in claimed(clients[0]):
        requests = [an_acknowledgement(opened.payee_token, claim.text) for _ in clients]
        outcomes = at_once(clients, requests)

        assert outcomes.count("CLAIM_ALREADY_ACKNOWLEDGED") == CONNECTIONS - 1, outcomes
        assert_booked_once(clients[0], opened.session.id)


def test_one_acknowledgement_sent_several_times_at_once_gives_one_receipt(clients: list[PaymentsServiceStub]) -> None:
    for opened, claim in claimed(clients[0]):
        first, *others = at_once(clients, [an_acknowledgement(opened.payee_token, claim.text)] * CONNECTIONS)

        assert first.receipt.message_id
        assert others == [first] * (CONNECTIONS - 1)
        assert_booked_once(clients[0], opened.session.id)


def claimed(client: PaymentsServiceStub) -> Iterator[tuple[pb.RequestPaymentResponse, pb.ClaimPaymentResponse]]:
    """Sessions with a claim each, many."""
    for _ in range(TRIES):
        opened = client.RequestPayment(a_request())
        yield opened, client.ClaimPayment(a_claim(opened.session.id, 50_00))


def at_once(clients: list[PaymentsServiceStub], requests: list[pb.AcknowledgePaymentRequest]) -> list[Any]:
    """Each client's receipt, or the reason of its refusal."""
    ready = Barrier(len(clients))

    def acknowledge(client: PaymentsServiceStub, request: pb.AcknowledgePaymentRequest) -> Any:
        ready.wait()
        try:
            return client.AcknowledgePayment(request)
        except grpc.RpcError as error:
            return why(error)[1]

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(acknowledge, clients, requests))


def assert_booked_once(client: PaymentsServiceStub, session_id: str) -> None:
    found = client.GetSession(pb.GetSessionRequest(session_id=session_id))
    assert found.session.paid_amount == eur(50_00)
    assert (found.session.sequence, len(found.credentials)) == (3, 3)
