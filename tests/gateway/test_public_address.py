"""With a public address every message has a place in a status list, and is as short all the same."""

from __future__ import annotations

import json
from typing import Any

import grpc

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.codec import armour, dossier
from services.runtime.settings import Settings
from tests.gateway.conftest import Gate, asking, money, serving

COMPACT = message_pb2.TEXT_FORMAT_COMPACT


async def test_a_conversation_of_a_service_with_a_public_address_travels_as_compact(settings: Settings) -> None:
    settings = settings.model_copy(update={"public_url": "https://pay.example.org"})
    async with serving(settings) as (address, _), grpc.aio.insecure_channel(address) as channel:
        stub = PaymentsServiceStub(channel)
        asked = await stub.RequestPayment(asking())
        claimed = await stub.ClaimPayment(pb.ClaimPaymentRequest(session_id=asked.session.id, amount=money("120")))
        booked = await stub.AcknowledgePayment(
            pb.AcknowledgePaymentRequest(payee_token=asked.payee_token, text=claimed.text)
        )
        said: list[tuple[Any, Any]] = [
            (asked, asked.credential),
            (claimed, claimed.credential),
            (booked, booked.receipt),
        ]
        for answer, credential in said:
            read = await stub.DecodeMessage(pb.DecodeMessageRequest(text=answer.text))
            assert (answer.format, read.format) == (COMPACT, COMPACT)
            assert json.loads(read.credential) == json.loads(credential.json)
            assert "credentialStatus" in json.loads(read.credential)
            assert read.verdict.accepted, read.verdict


async def test_a_dossier_is_read_as_the_last_message_in_it(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    booked = await gate.acknowledge(asked.payee_token, claimed.text)
    credentials = [json.loads(each.json) for each in (asked.credential, claimed.credential, booked.receipt)]

    text = armour.wrap(dossier.pack(credentials))
    read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=f"All of it: {text.lower()}"))

    assert (read.text, read.message.id) == (text, booked.receipt.message_id)
    assert read.message.WhichOneof("statement") == "acknowledgement"
    assert json.loads(read.credential) == credentials[-1]
    assert read.verdict.accepted, read.verdict
    assert {each.outcome for each in read.verdict.checks} == {credential_pb2.CHECK_OUTCOME_PASS}
