"""`python -m bench.retention`: what archiving and deleting old sessions costs those who call meanwhile.

Everything runs in one process, so that callers wait for its processor as well as for its writer.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.filling import fill
from bench.measuring import Measured, measure
from bench.table import HEAD, announce, line, machine
from counterfoil.credentials.v1.credentials_service_pb2 import GetIssuerRequest
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.messages.v1.message_pb2 import Money, Party
from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.flows import Payments
from gateway.retention import Retention
from services.host import hosted
from services.runtime.log import log
from services.runtime.settings import Settings

CLIENTS = 4
AGO = timedelta(days=90)
REQUEST = pb.RequestPaymentRequest(payee=Party(handle="Ana"), amount=Money(amount="120", currency="EUR"))


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.retention", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000, help="how many old ones there are (default: 10000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each row is measured (default: 10)")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead")
    options = parser.parse_args()
    log.least = logging.WARNING
    with tempfile.TemporaryDirectory() as directory:
        url = SecretStr(options.database_url) if options.database_url else None
        settings = Settings(data_dir=Path(directory) / "var", database_url=url, log_level="error")
        rows = asyncio.run(_measure(settings, options.sessions, options.seconds))
    print("\n".join([machine(), "", HEAD, *map(line, rows)]))


async def _measure(settings: Settings, sessions: int, seconds: float) -> list[Measured]:
    async with hosted(settings) as channels:
        credentials: Any = CredentialsServiceStub(channels.to("credentials"))
        issuer = (await credentials.GetIssuer(GetIssuerRequest())).issuer
        announce(f"{sessions} sessions of {AGO.days} days ago")
        await fill(settings, issuer, sessions, AGO)
        payments = Payments(channels)
        retention = Retention(channels, payments, 30, settings.data_dir / "archive")

        async def request() -> None:
            await payments.request_payment(REQUEST)

        async def row(name: str) -> Measured:
            return await measure(name, request, time.process_time, clients=CLIENTS, seconds=seconds)

        alone = await row("RequestPayment")
        archiving = asyncio.create_task(_archive(retention))
        beside = await row("RequestPayment while sessions are archived")
        assert not archiving.done(), "nothing was left to archive: give it more --sessions"
        archiving.cancel()
        await asyncio.wait([archiving])
        return [alone, beside]


async def _archive(retention: Retention) -> None:
    began, total = time.perf_counter(), 0
    async for count in retention.run():
        total += count
        announce(f"{total} sessions archived, {total / (time.perf_counter() - began):.0f} a second")


if __name__ == "__main__":
    main()
