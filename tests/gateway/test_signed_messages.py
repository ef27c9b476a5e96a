"""Parties that hold their own keys, at a gateway that signs nothing in their place."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import grpc
import pytest
from prometheus_client import REGISTRY

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from services.messages.protobuf import from_message
from tests.gateway.conftest import Gate, handle
from tests.gateway.signed_attempts import ANA, BEN, claim, open_session, signed_message_that_fits_no_picture


async def test_from_request_to_receipt_with_keys_of_their_own(gate: Gate) -> None:
    request = ANA.request()
    asked = await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=f"Hi Ben! {ANA.text(request)} Ana"))
    claimed = BEN.claim(request)
    told = await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=BEN.text(claimed)))
    receipt = ANA.acknowledge(claimed)
    booked = await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=ANA.text(receipt)))

    assert asked.payee_token == ""
    assert [asked.text, told.text, booked.text] == [ANA.text(request), BEN.text(claimed), ANA.text(receipt)]
    assert booked.receipt.json == ANA.credential(receipt)
    assert {each.name: each.outcome for each in booked.verdict.checks}["link"] == 1
    assert booked.session.status == session_pb2.SESSION_STATUS_RECEIVED
    found = await gate.session(asked.session.id)
    assert [each.json for each in found.credentials] == [
        ANA.credential(request),
        BEN.credential(claimed),
        ANA.credential(receipt),
    ]


async def test_a_rejection_and_a_cancellation_of_the_payees_own(gate: Gate) -> None:
    request = await open_session(gate)
    claimed = await claim(gate, request)

    rejected = await gate.stub.RejectClaim(pb.RejectClaimRequest(signed_message=ANA.text(ANA.reject(claimed))))
    cancelled = await gate.stub.CancelRequest(pb.CancelRequestRequest(signed_message=ANA.text(ANA.cancel(request))))

    assert rejected.session.claims[0].status == session_pb2.CLAIM_STATUS_REJECTED
    assert cancelled.session.status == session_pb2.SESSION_STATUS_CANCELLED


async def test_a_signing_payee_and_a_payer_without_a_key(gate: Gate) -> None:
    request = await open_session(gate)
    claimed = await gate.claim(str(request.session_id), payer=handle("Ben"))
    read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=claimed.text))
    receipt = ANA.acknowledge(from_message(claimed.session.claims[0].message))

    booked = await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=ANA.text(receipt)))

    assert read.verdict.verified
    assert booked.session.paid_amount.amount == "120.00"


async def test_a_hosted_payee_and_a_payer_with_a_key(gate: Gate) -> None:
    asked = await gate.request()
    claimed = BEN.claim(from_message(asked.session.request))
    told = await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=BEN.text(claimed)))

    booked = await gate.acknowledge(asked.payee_token, told.text)

    assert booked.session.status == session_pb2.SESSION_STATUS_RECEIVED


async def test_the_same_signed_message_again_gives_the_same_answer(gate: Gate) -> None:
    request = ANA.request()
    call = pb.RequestPaymentRequest(signed_message=ANA.text(request), request_id=str(uuid4()))

    first = await gate.stub.RequestPayment(call)
    call.request_id = ""

    assert await gate.stub.RequestPayment(call) == first


async def test_it_is_written_as_the_caller_wants_it(gate: Gate) -> None:
    call = pb.RequestPaymentRequest(
        signed_message=ANA.text(ANA.request()),
        format=message_pb2.TEXT_FORMAT_CLASSIC,
        qr_format=message_pb2.QR_FORMAT_PNG,
    )
    answer = await gate.stub.RequestPayment(call)

    read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(image=answer.qr_image))
    assert (read.format, read.text, read.verdict.verified) == (call.format, answer.text, True)


async def test_pitfall_what_a_party_signed_outlives_a_crash_before_it_was_kept(gate: Gate) -> None:
    """Nobody else could make it again, so it is recorded with its message."""
    request = await open_session(gate)
    claimed = await claim(gate, request)
    gate.forget_credentials()

    found = await gate.session(str(request.session_id))

    assert [each.json for each in found.credentials] == [ANA.credential(request), BEN.credential(claimed)]


async def test_a_signed_message_that_fits_no_picture_leaves_no_trace(gate: Gate) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await signed_message_that_fits_no_picture(gate)

    [session] = await gate.sessions()
    assert session.request.request.payee.handle == "Ana"


async def test_an_answer_dated_long_ago_takes_nothing_from_what_is_counted(gate: Gate) -> None:
    claimed = await claim(gate, await open_session(gate))
    before = REGISTRY.get_sample_value("counterfoil_claim_answered_seconds_sum")
    text = ANA.text(ANA.acknowledge(claimed, at=datetime(1970, 1, 1, tzinfo=UTC)))

    await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=text))

    assert REGISTRY.get_sample_value("counterfoil_claim_answered_seconds_sum") == before
