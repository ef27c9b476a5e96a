"""What a payee and a payer ask of the gateway, in few words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import uuid4

import grpc

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.runtime.status import reason_of

PASS = credential_pb2.CHECK_OUTCOME_PASS
# As large as a message that the gateway takes.
OPTIONS = [("grpc.max_receive_message_length", 10 << 20), ("grpc.max_send_message_length", 10 << 20)]


@contextmanager
def payments(address: str, credentials: grpc.ChannelCredentials | None = None) -> Iterator[PaymentsServiceStub]:
    """A client with a connection of its own; without credentials, one without TLS."""
    options = [*OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
    with (
        grpc.secure_channel(address, credentials, options)
        if credentials
        else grpc.insecure_channel(address, options) as channel
    ):
        yield PaymentsServiceStub(channel)


def eur(cents: int) -> message_pb2.Money:
    return message_pb2.Money(amount=f"{cents // 100}.{cents % 100:02}", currency="EUR")


def a_request(cents: int = 120_00, **more: object) -> pb.RequestPaymentRequest:
    fields = {"request_id": str(uuid4()), "payee": message_pb2.Party(handle="Ana"), "amount": eur(cents), **more}
    return pb.RequestPaymentRequest(**fields)  # type: ignore[arg-type]


def a_claim(session_id: str, cents: int = 120_00, **more: object) -> pb.ClaimPaymentRequest:
    fields = {"request_id": str(uuid4()), "session_id": session_id, "amount": eur(cents), **more}
    return pb.ClaimPaymentRequest(**fields)  # type: ignore[arg-type]


def an_acknowledgement(payee_token: str, text: str, **more: object) -> pb.AcknowledgePaymentRequest:
    fields = {"request_id": str(uuid4()), "payee_token": payee_token, "text": text, **more}
    return pb.AcknowledgePaymentRequest(**fields)  # type: ignore[arg-type]


def why(error: grpc.RpcError) -> tuple[str, str]:
    """The code and the reason of a refusal; no reason when it was not ours."""
    failed = cast(grpc.aio.AioRpcError, error)  # The other kind of client's error answers the same questions.
    info = reason_of(failed)
    return failed.code().name, info.reason if info else ""


def failed_checks(verdict: credential_pb2.Verdict) -> list[str]:
    return [f"{each.name}: {each.detail}" for each in verdict.checks if each.outcome != PASS]
