"""The same product as four processes: the whole journey, and what becomes of it when one of them is away."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import grpc
import pytest

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from counterfoil.sessions.v1 import session_pb2
from tests.faults.deployment import SERVICES, Deployment
from tests.faults.parties import a_claim, a_request, an_acknowledgement, eur, failed_checks, payments, why
from tests.processes import Start

PNG = message_pb2.QR_FORMAT_PNG
# How much longer than its deadline a call may take on a busy machine.
SLACK_SECONDS = 15.0
# Of the gateway, where a service hangs; sooner than it finds that the connection is dead.
SECONDS_MAX = 2.0
BACK_SECONDS_MAX = 60.0


def test_the_whole_journey_over_four_processes(client: PaymentsServiceStub) -> None:
    play_the_whole_journey(client)


def play_the_whole_journey(client: PaymentsServiceStub) -> None:
    opened = client.RequestPayment(a_request(120_00, qr_format=PNG))
    changes = client.WatchSession(pb.WatchSessionRequest(session_id=opened.session.id))
    assert next(changes).sequence == 1
    shown = client.DecodeMessage(pb.DecodeMessageRequest(image=opened.qr_image))
    assert failed_checks(shown.verdict) == []

    for part in (70_00, 50_00):
        claim = client.ClaimPayment(a_claim(shown.message.session_id, part, qr_format=PNG))
        acknowledgement = an_acknowledgement(opened.payee_token, "", image=claim.qr_image, qr_format=PNG)
        receipt = client.AcknowledgePayment(acknowledgement)
        assert failed_checks(receipt.verdict) == []

    assert [next(changes).sequence for _ in range(4)] == [2, 3, 4, 5]
    found = client.GetSession(pb.GetSessionRequest(session_id=opened.session.id))
    assert found.session == receipt.session
    assert (found.session.status, found.session.paid_amount) == (session_pb2.SESSION_STATUS_RECEIVED, eur(120_00))
    assert [each.message_id for each in found.credentials][-1] == receipt.receipt.message_id
    assert failed_checks(client.DecodeMessage(pb.DecodeMessageRequest(image=receipt.qr_image)).verdict) == []


def test_the_callers_request_id_is_in_the_log_of_every_service(
    deployment: Deployment, client: PaymentsServiceStub
) -> None:
    client.RequestPayment(a_request(), metadata=(("x-request-id", "pay-4711"),))

    called = {
        name: [line["method"].rpartition("/")[2] for line in lines_of_calls(deployment, name, "pay-4711")]
        for name in deployment.programs
    }
    assert called == {
        "gateway": ["RequestPayment"],
        "sessions": ["OpenSession"],
        "credentials": ["GetIssuer", "IssueCredential"],
        "codec": ["EncodeMessage"],
    }


def test_a_service_that_is_down_makes_calls_unavailable_and_a_retry_books_once(
    deployment: Deployment, client: PaymentsServiceStub
) -> None:
    for name in SERVICES:
        request, acknowledgement = a_request(), claimed(client)
        deployment.programs[name].kill()
        for method, asked in ((client.RequestPayment, request), (client.AcknowledgePayment, acknowledgement)):
            assert refusal(method, asked) == ("UNAVAILABLE", "SERVICE_UNAVAILABLE")
        deployment.restart(name)

        assert_done_once(client, request, acknowledgement)


def test_a_service_that_hangs_costs_no_more_than_the_deadline_and_a_retry_books_once(
    launch: Start, tmp_path: Path
) -> None:
    deployment = Deployment.start(launch, tmp_path, seconds_max=SECONDS_MAX)
    with payments(deployment.address) as client:
        for name in SERVICES:
            request, acknowledgement = a_request(), claimed(client)
            deployment.programs[name].signal(signal.SIGSTOP)
            began = time.monotonic()
            assert refusal(client.RequestPayment, request, timeout=0.5)[0] == "DEADLINE_EXCEEDED"
            assert time.monotonic() - began < 0.5 + SLACK_SECONDS
            # Without a deadline of the caller's there is the gateway's own.
            assert refusal(client.AcknowledgePayment, acknowledgement) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
            assert time.monotonic() - began < 0.5 + SECONDS_MAX + SLACK_SECONDS
            deployment.programs[name].signal(signal.SIGCONT)

            assert_done_once(client, request, acknowledgement)


def test_a_watcher_is_told_when_the_service_behind_goes_away(
    deployment: Deployment, client: PaymentsServiceStub
) -> None:
    session = client.RequestPayment(a_request()).session
    changes = client.WatchSession(pb.WatchSessionRequest(session_id=session.id))
    assert next(changes).session == session
    deployment.programs["sessions"].kill()

    with pytest.raises(grpc.RpcError) as ended:
        next(changes)
    assert why(ended.value) == ("UNAVAILABLE", "SERVICE_UNAVAILABLE")


def claimed(client: PaymentsServiceStub) -> pb.AcknowledgePaymentRequest:
    opened = answered(client.RequestPayment, a_request())
    claim = answered(client.ClaimPayment, a_claim(opened.session.id, 50_00))
    return an_acknowledgement(opened.payee_token, claim.text)


def refusal(method: Any, request: Any, timeout: float | None = None) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as refused:
        method(request, timeout=timeout)
    return why(refused.value)


def assert_done_once(
    client: PaymentsServiceStub, request: pb.RequestPaymentRequest, acknowledgement: pb.AcknowledgePaymentRequest
) -> None:
    """Both calls get their answer, the same every time, and each took effect once."""
    first, second = answered(client.RequestPayment, request), answered(client.RequestPayment, request)
    assert (first.session.id, first.text, first.payee_token) == (second.session.id, second.text, second.payee_token)
    booked, again = (answered(client.AcknowledgePayment, acknowledgement) for _ in range(2))
    assert booked == again
    assert booked.session.paid_amount == eur(50_00)
    assert booked.session.sequence == 3


def answered(method: Any, request: Any) -> Any:
    """The answer as soon as the service is back."""
    ends_at = time.monotonic() + BACK_SECONDS_MAX
    while True:
        try:
            return method(request)
        except grpc.RpcError as error:
            if why(error)[0] not in ("UNAVAILABLE", "DEADLINE_EXCEEDED") or time.monotonic() > ends_at:
                raise
        time.sleep(0.05)


def lines_of_calls(deployment: Deployment, name: str, request_id: str) -> list[dict[str, Any]]:
    return [line for line in deployment.log_lines(name) if line["event"] == "call" and line["request_id"] == request_id]
