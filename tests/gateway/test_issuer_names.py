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
COMPACT = message_pb2.TEXT_FORMAT_COMPACT
P384 = {"issuer_suite": "ecdsa-jcs-2019/P-384"}


@pytest.mark.parametrize(
    "names", [WEB, URL, WEB | URL, P384, WEB | URL | P384], ids=["did:web", "public", "both", "P-384", "all"]
)
@pytest.mark.parametrize("format", [message_pb2.TEXT_FORMAT_CLASSIC, COMPACT])
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


@pytest.mark.parametrize("names", [{}, WEB], ids=["did:key", "did:web"])
async def test_compact_cannot_hold_a_signature_on_p_384_so_classic_is_written_and_named(settings, names):
    """COMPACT's signatures are of 64 bytes, and that of P-384 is of 96."""
    settings = settings.model_copy(update=P384 | names)
    async with serving(settings) as (address, _), grpc.aio.insecure_channel(address) as channel:
        stub = PaymentsServiceStub(channel)
        asked = await stub.RequestPayment(asking(format=COMPACT, qr_format=message_pb2.QR_FORMAT_PNG))
        claimed = await stub.ClaimPayment(
            pb.ClaimPaymentRequest(session_id=asked.session.id, amount=money("120"), format=COMPACT)
        )
        receipt = await stub.AcknowledgePayment(
            pb.AcknowledgePaymentRequest(payee_token=asked.payee_token, text=claimed.text, format=COMPACT)
        )
        seen = await stub.DecodeMessage(pb.DecodeMessageRequest(image=asked.qr_image))

    assert {asked.format, claimed.format, receipt.format, seen.format} == {message_pb2.TEXT_FORMAT_CLASSIC}
    assert receipt.verdict.accepted
    assert seen.verdict.accepted
