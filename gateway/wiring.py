"""Puts the gateway together."""

from __future__ import annotations

from counterfoil.payments.v1.payments_service_pb2_grpc import add_PaymentsServiceServicer_to_server
from gateway.flows import Payments
from gateway.servicer import PaymentsServicer
from services.runtime.channels import Channels
from services.runtime.secrets import token_of
from services.runtime.service import Service
from services.runtime.settings import Settings


def build(settings: Settings, channels: Channels) -> Service:
    operator_token = token_of(settings.operator_token, settings.data_dir / "operator-token")
    servicer = PaymentsServicer(Payments(channels), operator_token)
    return Service(
        "counterfoil.payments.v1.PaymentsService",
        lambda server: add_PaymentsServiceServicer_to_server(servicer, server),
    )
