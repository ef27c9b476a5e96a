"""Plays a payment over a Counterfoil gateway, from the request to the receipt, with asyncio and the generated stubs."""

import asyncio
import os
from uuid import uuid4

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from counterfoil.messages.v1.message_pb2 import Money, Party
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from counterfoil.sessions.v1.session_pb2 import SESSION_STATUS_RECEIVED, SessionStatus

SECONDS = 5.0


async def play(channel: grpc.aio.Channel) -> None:
    gateway = PaymentsServiceStub(channel)
    amount = Money(amount="120", currency="EUR")
    request = pb.RequestPaymentRequest(
        request_id=str(uuid4()),  # A retry with the same one asks only once.
        amount=amount,
        payee=Party(handle="Ana"),
        description="two chairs",
    )
    asked = await gateway.RequestPayment(request, timeout=SECONDS)
    print("Ana asks:", asked.text)

    claim = pb.ClaimPaymentRequest(
        request_id=str(uuid4()),
        session_id=asked.session.id,
        amount=amount,
        payer=Party(handle="Ben"),
    )
    claimed = await gateway.ClaimPayment(claim, timeout=SECONDS)
    print("Ben claims:", claimed.text)

    read = await gateway.DecodeMessage(pb.DecodeMessageRequest(text=claimed.text), timeout=SECONDS)
    print("Verified:", str(read.verdict.verified).lower())

    acknowledgement = pb.AcknowledgePaymentRequest(payee_token=asked.payee_token, text=claimed.text)
    acknowledgement.request_id = str(uuid4())
    receipt = await gateway.AcknowledgePayment(acknowledgement, timeout=SECONDS)
    print("Received:", receipt.session.paid_amount.amount)

    acknowledgement.request_id = str(uuid4())
    try:
        await gateway.AcknowledgePayment(acknowledgement, timeout=SECONDS)
    except grpc.aio.AioRpcError as refusal:
        print("Once more:", reason(refusal))

    watching = pb.WatchSessionRequest(session_id=asked.session.id, after_sequence=0)
    async for change in gateway.WatchSession(watching, timeout=4 * SECONDS):
        print(change.sequence, SessionStatus.Name(change.session.status))
        if change.session.status == SESSION_STATUS_RECEIVED:
            break


def reason(refusal: grpc.aio.AioRpcError) -> str:
    """Why a call was refused, for programs; `details()` says it to people."""
    for key, value in refusal.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                if detail.Unpack(info):
                    return str(info.reason)
    return "none"


async def main() -> None:
    # On loopback; anywhere else, use grpc.aio.secure_channel and grpc.ssl_channel_credentials().
    async with grpc.aio.insecure_channel(os.environ["COUNTERFOIL_SERVER"]) as channel:
        await play(channel)


asyncio.run(main())
