"""Two whole products on one PostgreSQL database: what one says the other knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.parties import a_claim, a_request, an_acknowledgement, eur, failed_checks, payments, why
from tests.postgres import Postgres
from tests.processes import Program, Start

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@pytest.fixture
def products(start: Start, postgres_server: Postgres, tmp_path: Path) -> list[Program]:
    shared = {"database_url": postgres_server.fresh(), "key_encryption_key": KEY, "payee_token_key": KEY}
    return [start("gateway", tmp_path / name, **shared) for name in ("one", "other")]


@pytest.fixture
def clients(products: list[Program]) -> Iterator[list[PaymentsServiceStub]]:
    with ExitStack() as stack:
        yield [stack.enter_context(payments(each.address)) for each in products]


def test_a_conversation_that_changes_sides_at_every_step(clients: list[PaymentsServiceStub]) -> None:
    one, other = clients
    opened = one.RequestPayment(a_request(120_00))
    watched = pb.WatchSessionRequest(session_id=opened.session.id)
    changes = [each.WatchSession(watched, timeout=20) for each in clients]
    assert [next(each).sequence for each in changes] == [1, 1]

    claim = other.ClaimPayment(a_claim(opened.session.id, 120_00))
    assert [next(each).sequence for each in changes] == [2, 2]
    receipt = one.AcknowledgePayment(an_acknowledgement(opened.payee_token, claim.text))
    assert failed_checks(receipt.verdict) == []
    assert [next(each).session.paid_amount for each in changes] == [eur(120_00)] * 2

    found = [each.GetSession(pb.GetSessionRequest(session_id=opened.session.id)) for each in clients]
    assert found[0] == found[1]
    assert failed_checks(other.DecodeMessage(pb.DecodeMessageRequest(text=receipt.text)).verdict) == []
    with pytest.raises(grpc.RpcError) as raised:
        other.AcknowledgePayment(an_acknowledgement(opened.payee_token, claim.text))
    assert why(raised.value)[1] == "CLAIM_ALREADY_ACKNOWLEDGED"


def test_a_watcher_is_told_at_once_what_the_other_side_recorded(clients: list[PaymentsServiceStub]) -> None:
    one, other = clients
    delays = []
    for _ in range(9):
        opened = one.RequestPayment(a_request())
        changes = other.WatchSession(pb.WatchSessionRequest(session_id=opened.session.id), timeout=20)
        next(changes)
        one.ClaimPayment(a_claim(opened.session.id))
        claimed_at = time.monotonic()
        next(changes)
        delays.append(time.monotonic() - claimed_at)

    # Looking alone would take a second on the average.
    assert sorted(delays)[4] < 0.5


def test_a_call_repeated_on_the_other_side_gives_the_first_answer(clients: list[PaymentsServiceStub]) -> None:
    def twice(call: Callable[[PaymentsServiceStub], object]) -> object:
        first, second = map(call, clients)
        assert first == second
        return first

    request = a_request()
    opened = twice(lambda client: client.RequestPayment(request))
    assert isinstance(opened, pb.RequestPaymentResponse)
    asked = a_claim(opened.session.id)
    claim = twice(lambda client: client.ClaimPayment(asked))
    assert isinstance(claim, pb.ClaimPaymentResponse)
    answer = an_acknowledgement(opened.payee_token, claim.text)
    twice(lambda client: client.AcknowledgePayment(answer).receipt)


def test_what_a_killed_product_answered_is_known_to_the_other(
    products: list[Program], clients: list[PaymentsServiceStub]
) -> None:
    one, other = clients
    opened = one.RequestPayment(a_request())
    claim = one.ClaimPayment(a_claim(opened.session.id))
    products[0].kill()

    receipt = other.AcknowledgePayment(an_acknowledgement(opened.payee_token, claim.text))
    assert receipt.session.paid_amount == eur(120_00)
