"""A whole conversation through the gateway, whatever the service is called and whether or not it can revoke."""

from __future__ import annotations

import grpc
import pytest

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.gateway.conftest import asking, money, serving

WEB = {"did_web": "pay.example.org"}
URL = {"public_url": "https://pay.example.org"}


@pytest.mark.parametrize("names", [WEB, URL, WEB | URL], ids=["did:web", "public", "both"])
@pytest.mark.parametrize("format", [message_pb2.TEXT_FORMAT_CLASSIC, message_pb2.TEXT_FORMAT_COMPACT])
async def test_a_conversation_is_accepted_to_its_end_through_a_rotation(settings, names, format):
    settings = settings.model_copy(update=names)
    async with serving(settings) as (address, credentials), grpc.aio.insecure_channel(address) as channel:
        stub = PaymentsServiceStub(channel)
        asked = await stub.RequestPayment(asking(format=format))
        claim = pb.ClaimPaymentRequest(session_id=asked.session.id, amount=money("120"), format=format)
        claimed = await stub.ClaimPayment(claim)
        await credentials.RotateKey(credentials_pb.RotateKeyRequest())
        answer = pb.AcknowledgePaymentRequest(payee_token=asked.payee_token, text=claimed.text, format=format)
        receipt = await stub.AcknowledgePayment(answer)
        decoded = await stub.DecodeMessage(pb.DecodeMessageRequest(text=receipt.text))

    assert receipt.verdict.accepted
    assert decoded.verdict.accepted
