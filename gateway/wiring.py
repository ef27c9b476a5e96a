"""Puts the gateway together."""

from __future__ import annotations

import asyncio
from typing import Any

from counterfoil.operator.v1.operator_service_pb2_grpc import add_OperatorServiceServicer_to_server
from counterfoil.payments.v1.payments_service_pb2_grpc import add_PaymentsServiceServicer_to_server
from gateway.authority import Operator
from gateway.credential_flows import Credentials
from gateway.flows import Payments
from gateway.http.face import HttpFace
from gateway.http.parts import Parts
from gateway.retention import retention_of
from gateway.servicer import OperatorServicer, PaymentsServicer
from services.runtime.channels import Channels
from services.runtime.secrets import token_of
from services.runtime.service import Service
from services.runtime.settings import Settings


def build(settings: Settings, channels: Channels) -> Service:
    """Within a running loop. Raises BadSetting."""
    operator = Operator(token_of(settings.operator_token, settings.data_dir / "operator-token"))
    credentials = Credentials(channels)
    payments = Payments(channels)
    retention = retention_of(settings, channels, payments)
    paying = PaymentsServicer(payments, operator)
    operating = OperatorServicer(credentials, operator)

    def register(server: Any) -> None:
        add_PaymentsServiceServicer_to_server(paying, server)
        add_OperatorServiceServicer_to_server(operating, server)

    faces = (
        ()
        if settings.http_listen == "off"
        else (HttpFace(Parts(settings, channels, payments, credentials, operator, register)),)
    )
    archiving = asyncio.create_task(retention.run_daily()) if retention else None

    async def close() -> None:
        if archiving:
            archiving.cancel()
            await asyncio.wait([archiving])

    return Service(register, close, faces)
