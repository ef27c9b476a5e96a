"""The library's calls: typed answers, refusals with a reason, and retries that take effect once."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import pytest

from client.sdk.failures import Failure, Fault, NotReachable, Refused
from client.sdk.gateway import Gateway
from counterfoil.messages.v1.message_pb2 import Money, PaymentMethod, QrFormat, TextFormat
from counterfoil.operator.v1.operator_service_pb2 import ListKeysRequest
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1.session_pb2 import SessionStatus
from tests.failing_gateway import FailingGateway, serving
from tests.processes import Program, a_lasting_address

AN_ID = "01980000-0000-7000-8000-000000000001"


def eur(amount: str) -> Money:
    return Money(amount=amount, currency="EUR")


def ana_asks(gateway: Gateway) -> pb.RequestPaymentResponse:
    return gateway.request_payment(eur("120"), payee="Ana", methods=[PaymentMethod(method="SEPA")])


def test_a_request_carries_what_it_was_given(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        made = counterfoil.request_payment(
            eur("120"),
            payee="Ana",
            description="two chairs",
            methods=[PaymentMethod(method="SEPA", details={"iban": "DE02"})],
            ttl=timedelta(hours=1),
            format=TextFormat.TEXT_FORMAT_CLASSIC,
            qr_format=QrFormat.QR_FORMAT_PNG,
        )

    request = made.session.request
    assert (request.request.description, request.request.methods[0].details["iban"]) == ("two chairs", "DE02")
    assert request.request.expire_time.seconds - request.issue_time.seconds == 3600
    assert made.text.startswith("eN")
    assert made.qr_image.startswith(b"\x89PNG")


@pytest.mark.parametrize("how", [{"method": "SEPA"}, {"custom_method": "cash"}, {}])
def test_a_claim_says_how_it_was_paid(gateway: Program, how: dict[str, Any]):
    with Gateway(gateway.address) as counterfoil:
        claimed = counterfoil.claim_payment(ana_asks(counterfoil).session.id, eur("70"), payer="Ben", **how)

    claim = claimed.session.claims[0].message.claim
    assert ({claim.WhichOneof("used"): claim.method or claim.custom_method} if how else {}) == how


def test_a_claim_names_one_way_it_was_paid():
    with Gateway("localhost:1") as counterfoil, pytest.raises(ValueError, match="not both"):
        counterfoil.claim_payment(AN_ID, eur("70"), method="SEPA", custom_method="cash")


def test_a_claim_is_acknowledged_from_its_picture_with_the_amount_that_arrived(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        asked = ana_asks(counterfoil)
        claimed = counterfoil.claim_payment(asked.session.id, eur("70"), qr_format=QrFormat.QR_FORMAT_PNG)
        receipt = counterfoil.acknowledge_payment(
            claimed.qr_image, payee_token=asked.payee_token, received_amount=eur("50")
        )

        assert receipt.session == counterfoil.get_session(asked.session.id).session
        assert receipt.session.paid_amount == eur("50.00")
        assert counterfoil.decode_message(receipt.text).verdict.accepted


def test_a_claim_is_rejected_and_a_request_withdrawn(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        asked = ana_asks(counterfoil)
        claim = counterfoil.claim_payment(asked.session.id, eur("70")).session.claims[0].message.id
        rejected = counterfoil.reject_claim(asked.session.id, claim, payee_token=asked.payee_token, reason="nothing")
        cancelled = counterfoil.cancel_request(asked.session.id, payee_token=asked.payee_token)

    assert rejected.session.claims[0].answer.rejection.reason == "nothing"
    assert cancelled.session.status == SessionStatus.SESSION_STATUS_CANCELLED


def test_a_refusal_has_its_reason_the_field_and_the_ids(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        with pytest.raises(Refused) as wrong:
            counterfoil.request_payment(eur("1.234"), payee="Ana")
        with pytest.raises(Refused) as unknown:
            counterfoil.get_session(AN_ID)

    assert (wrong.value.reason, wrong.value.field) == ("INVALID_AMOUNT", "amount.amount")
    assert (unknown.value.reason, unknown.value.field) == ("SESSION_NOT_FOUND", "")
    assert unknown.value.metadata == {"session_id": AN_ID}
    assert str(unknown.value) == f"{unknown.value.sentence} [SESSION_NOT_FOUND]"


def test_calls_without_a_method_fail_as_the_others_do(gateway: Program):
    with Gateway(gateway.address) as counterfoil, pytest.raises(Refused) as refused:
        counterfoil.call(counterfoil.operator.ListKeys, ListKeysRequest(operator_token="wrong"))

    assert refused.value.reason == "OPERATOR_TOKEN_WRONG"


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"])
def test_a_call_that_may_have_taken_effect_is_made_again_as_the_same_call(code: str):
    failing = FailingGateway(grpc.StatusCode[code], failures=2)

    with serving(failing) as address, Gateway(address) as counterfoil:
        counterfoil.request_payment(eur("120"), payee="Ana")
        counterfoil.request_payment(eur("120"), payee="Ana", request_id=AN_ID)

    assert failing.seen[0] == failing.seen[1] == failing.seen[2]
    assert failing.seen[3] == AN_ID != failing.seen[0]


def test_one_that_gets_no_answer_says_with_which_id_to_go_on():
    failing = FailingGateway(grpc.StatusCode.UNAVAILABLE, failures=100)

    with serving(failing) as address, Gateway(address) as counterfoil, pytest.raises(NotReachable) as lost:
        counterfoil.request_payment(eur("120"), payee="Ana")

    assert set(failing.seen) == {lost.value.request_id}


def test_a_fault_is_not_tried_again():
    failing = FailingGateway(grpc.StatusCode.INTERNAL, failures=1)

    with serving(failing) as address, Gateway(address) as counterfoil, pytest.raises(Fault) as fault:
        counterfoil.request_payment(eur("120"), payee="Ana")

    assert (len(failing.seen), fault.value.reason) == (1, "INTERNAL")


def test_nobody_there_is_not_waited_for_beyond_the_time_given():
    with Gateway("localhost:1", timeout_seconds=0.2) as counterfoil:
        with pytest.raises(NotReachable, match="no answer from localhost:1"):
            counterfoil.get_session(AN_ID)
        with pytest.raises(NotReachable):
            next(counterfoil.watch_session(AN_ID))


def test_every_failure_is_caught_as_one():
    assert all(issubclass(each, Failure) for each in (Refused, NotReachable, Fault))


def test_a_watcher_sees_the_session_and_then_each_change(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        asked = ana_asks(counterfoil)
        changes = counterfoil.watch_session(asked.session.id)
        first = next(changes)
        counterfoil.claim_payment(asked.session.id, eur("70"))

        assert (first.sequence, first.HasField("message")) == (1, False)
        assert next(changes).message.claim.amount == eur("70.00")
        assert [each.sequence for each in islice(counterfoil.watch_session(asked.session.id, after=0), 2)] == [1, 2]


def test_a_watcher_that_has_seen_enough_frees_its_stream(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        asked = ana_asks(counterfoil)
        for _ in range(200):  # More than one connection may have open at a time.
            changes = counterfoil.watch_session(asked.session.id)
            next(changes)
            changes.close()

        assert counterfoil.get_session(asked.session.id).session.id == asked.session.id


def test_a_watcher_of_nothing_is_refused(gateway: Program):
    with Gateway(gateway.address) as counterfoil, pytest.raises(Refused) as refused:
        next(counterfoil.watch_session(AN_ID))

    assert refused.value.reason == "SESSION_NOT_FOUND"


def test_a_watcher_is_told_of_a_loss_and_misses_nothing(tmp_path: Path):
    lost: list[bool] = []
    listening = {"gateway_listen": a_lasting_address(), "log_level": "error"}
    with Program.start("gateway", tmp_path, **listening) as server, Gateway(server.address) as counterfoil:
        asked = ana_asks(counterfoil)
        changes = counterfoil.watch_session(asked.session.id, on_loss=lambda: lost.append(True))
        assert next(changes).sequence == 1
        server.stop()
        with Program.start("gateway", tmp_path, **listening):
            counterfoil.claim_payment(asked.session.id, eur("70"))
            assert next(changes).sequence == 2

    assert lost


def test_what_the_answers_hold_is_what_the_api_says(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        asked = ana_asks(counterfoil)
        found = counterfoil.get_session(asked.session.id)

    assert [json.loads(each.json)["type"][1] for each in found.credentials] == ["PaymentRequestCredential"]
