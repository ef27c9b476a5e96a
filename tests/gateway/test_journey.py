"""The conversation from request to receipt, as a client in any language sees it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from tests.gateway.conftest import Gate, handle, money

METHODS = [message_pb2.PaymentMethod(method="SEPA", details={"iban": "DE02120300000000202051"})]


async def test_a_payment_in_two_parts_from_request_to_receipt(gate: Gate) -> None:
    asked = await gate.request(description="two chairs", methods=METHODS)
    for part, paid, status in (
        ("70", "70.00", session_pb2.SESSION_STATUS_PARTIALLY_RECEIVED),
        ("50", "120.00", session_pb2.SESSION_STATUS_RECEIVED),
    ):
        claimed = await gate.claim(asked.session.id, part, evidence="transfer 4711", method="SEPA", payer=handle("Ben"))
        assert claimed.session.paid_amount == asked.session.paid_amount or part == "50"
        booked = await gate.acknowledge(asked.payee_token, claimed.text)
        assert booked.verdict.accepted
        assert (booked.session.paid_amount.amount, booked.session.status) == (paid, status)

    found = await gate.session(asked.session.id)
    assert [each.kind for each in found.credentials] == [1, 2, 3, 2, 3]
    assert found.session == booked.session


async def test_every_message_travels_as_a_picture(gate: Gate) -> None:
    asked = await gate.request(qr_format=message_pb2.QR_FORMAT_PNG)
    claimed = await gate.claim(asked.session.id, qr_format=message_pb2.QR_FORMAT_PNG)
    booked = await gate.stub.AcknowledgePayment(
        pb.AcknowledgePaymentRequest(
            payee_token=asked.payee_token, image=claimed.qr_image, qr_format=message_pb2.QR_FORMAT_PNG
        )
    )
    read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(image=booked.qr_image))

    assert read.text == booked.text
    assert read.message.acknowledgement.amount == money("120.00")
    assert read.verdict.accepted


async def test_the_receipt_says_what_was_received_not_what_was_claimed(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, "120")
    booked = await gate.acknowledge(asked.payee_token, claimed.text, received_amount=money("119.5"))

    subject = json.loads(booked.receipt.json)["credentialSubject"]
    assert subject["amount"] == {"value": "119.50", "currency": "EUR"}
    assert booked.session.paid_amount == money("119.50")


async def test_each_message_links_to_the_one_before(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    booked = await gate.acknowledge(asked.payee_token, claimed.text)

    claim = booked.session.claims[0].message
    assert claim.claim.request_digest == asked.credential.digest
    assert booked.session.claims[0].answer.acknowledgement.claim_digest == claimed.credential.digest


async def test_a_rejected_claim_books_nothing_and_a_new_one_may_follow(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    rejected = await gate.stub.RejectClaim(
        pb.RejectClaimRequest(
            payee_token=asked.payee_token,
            session_id=asked.session.id,
            claim_id=claimed.credential.message_id,
            reason="nothing arrived",
        )
    )

    assert rejected.session.claims[0].status == session_pb2.CLAIM_STATUS_REJECTED
    assert rejected.session.paid_amount.amount == "0.00"
    again = await gate.claim(asked.session.id)
    assert (await gate.acknowledge(asked.payee_token, again.text)).session.paid_amount.amount == "120.00"


async def test_a_cancelled_request_takes_no_claim_but_an_older_claim_is_booked_as_late(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, "20")
    gate.clock.ahead = timedelta(seconds=2)
    cancelled = await gate.stub.CancelRequest(
        pb.CancelRequestRequest(payee_token=asked.payee_token, session_id=asked.session.id, reason="sold")
    )
    gate.clock.ahead = timedelta(seconds=4)
    booked = await gate.acknowledge(asked.payee_token, claimed.text)

    assert cancelled.session.status == session_pb2.SESSION_STATUS_CANCELLED
    assert booked.session.claims[0].late
    assert booked.session.paid_amount.amount == "20.00"


async def test_every_kind_of_message_decodes_with_a_verdict(gate: Gate) -> None:
    asked = await gate.request()
    one, two = await gate.claim(asked.session.id, "1"), await gate.claim(asked.session.id, "2")
    acknowledged = await gate.acknowledge(asked.payee_token, one.text)
    rejected = await gate.stub.RejectClaim(
        pb.RejectClaimRequest(
            payee_token=asked.payee_token, session_id=asked.session.id, claim_id=two.credential.message_id
        )
    )
    cancelled = await gate.stub.CancelRequest(
        pb.CancelRequestRequest(payee_token=asked.payee_token, session_id=asked.session.id)
    )

    kinds = []
    for answer in (asked, one, acknowledged, rejected, cancelled):
        read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=f"Hi!\n{answer.text}\nBye"))
        assert read.verdict.accepted, read.verdict
        assert len(read.verdict.checks) == 11
        kinds.append(read.message.WhichOneof("statement"))
    assert kinds == ["request", "claim", "acknowledgement", "rejection", "cancellation"]


async def test_decoding_tells_that_a_request_has_expired_and_changes_nothing(gate: Gate) -> None:
    import services.credentials.wiring as wiring

    asked = await gate.request()
    with pytest.MonkeyPatch.context() as patch:
        later = type("Later", (gate.clock,), {"ahead": timedelta(days=8)})
        patch.setattr(wiring, "datetime", later)
        read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=asked.text))

    outcomes = {each.name: each.outcome for each in read.verdict.checks}
    assert outcomes["validity_time"] == credential_pb2.CHECK_OUTCOME_FAIL
    assert outcomes["signature"] == credential_pb2.CHECK_OUTCOME_PASS
    assert read.verdict.verified
    assert not read.verdict.accepted
    assert (await gate.session(asked.session.id)).session.sequence == 1


async def test_pitfall_3_a_retry_gets_the_same_answer_to_the_byte(gate: Gate) -> None:
    one, two, three = (str(uuid4()) for _ in range(3))
    asked = await gate.request(request_id=one)
    assert await gate.request(request_id=one) == asked

    claimed = await gate.claim(asked.session.id, request_id=two)
    booked = await gate.acknowledge(asked.payee_token, claimed.text, request_id=three)
    again = await gate.acknowledge(asked.payee_token, claimed.text, request_id=three)

    assert again == booked
    assert (await gate.claim(asked.session.id, request_id=two)).text == claimed.text
    assert (await gate.session(asked.session.id)).session.sequence == 3


async def test_a_message_recorded_but_not_yet_issued_is_issued_when_asked_for(gate: Gate) -> None:
    """As after a crash between the two: the credential follows from the recorded message."""
    asked = await gate.request()
    complete = await gate.session(asked.session.id)
    gate.forget_credentials()

    assert await gate.session(asked.session.id) == complete


async def test_a_conversation_goes_on_when_the_key_is_rotated_and_the_payee_stays_the_same(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    await gate.credentials.RotateKey(credentials_pb.RotateKeyRequest())
    booked = await gate.acknowledge(asked.payee_token, claimed.text)

    assert booked.verdict.accepted
    assert booked.receipt.issuer == asked.credential.issuer
    assert (await gate.request()).credential.issuer != asked.credential.issuer


async def test_what_was_recorded_under_a_key_revoked_since_is_shown_without_a_credential(gate: Gate) -> None:
    asked = await gate.request()
    gate.forget_credentials()
    method = json.loads(asked.credential.json)["proof"]["verificationMethod"]
    await gate.credentials.RevokeKey(credentials_pb.RevokeKeyRequest(verification_method=method))

    found = await gate.session(asked.session.id)
    assert (found.session.sequence, len(found.credentials)) == (1, 0)


async def test_a_watcher_sees_the_conversation_and_resumes_where_it_stopped(gate: Gate) -> None:
    asked = await gate.request()
    watching = gate.stub.WatchSession(pb.WatchSessionRequest(session_id=asked.session.id))
    changes = aiter(watching)
    snapshot = await anext(changes)
    claimed = await gate.claim(asked.session.id)
    first = await asyncio.wait_for(anext(changes), 30)
    watching.cancel()
    booked = await gate.acknowledge(asked.payee_token, claimed.text)

    again = gate.stub.WatchSession(pb.WatchSessionRequest(session_id=asked.session.id, after_sequence=first.sequence))
    missed = await asyncio.wait_for(anext(aiter(again)), 30)
    again.cancel()

    assert (snapshot.sequence, first.sequence, missed.sequence) == (1, 2, 3)
    assert not snapshot.HasField("message")
    assert first.message.WhichOneof("statement") == "claim"
    assert missed.session == booked.session


async def test_a_listing_turns_pages_and_shows_no_claims(gate: Gate) -> None:
    opened = [(await gate.request()).session.id for _ in range(5)]
    await gate.claim(opened[-1])
    token = (gate.settings.data_dir / "operator-token").read_text().strip()
    seen, page_token = [], ""
    while True:
        page = await gate.stub.ListSessions(
            pb.ListSessionsRequest(operator_token=token, page_size=2, page_token=page_token)
        )
        seen += page.sessions
        page_token = page.next_page_token
        if not page_token:
            break

    assert [each.id for each in seen] == opened[::-1]
    assert all(not each.claims for each in seen)


async def test_texts_in_another_unicode_form_are_taken_as_people_type_them(gate: Gate) -> None:
    asked = await gate.request(payee=handle("Zoe\u0308"))

    assert asked.session.request.request.payee.handle == "Zo\u00eb"


async def test_two_acknowledgements_at_the_same_moment_book_once(gate: Gate) -> None:
    for _ in range(20):
        asked = await gate.request()
        claimed = await gate.claim(asked.session.id)
        outcomes = await asyncio.gather(
            *(gate.acknowledge(asked.payee_token, claimed.text) for _ in range(3)), return_exceptions=True
        )
        assert sum(isinstance(each, grpc.aio.AioRpcError) for each in outcomes) == 2
        assert (await gate.session(asked.session.id)).session.paid_amount.amount == "120.00"
