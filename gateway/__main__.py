"""`python -m gateway`: the gateway, and in the same process every service that has no address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.wiring import build
from services.host import hosted
from services.runtime.process import run
from services.runtime.service import Service
from services.runtime.settings import Settings

_EXAMPLE = """Try:
  grpcurl {way}-d '{{"payee": {{"handle": "Ana"}}, "amount": {{"amount": "120.00", "currency": "EUR"}}}}' \\
    {address} counterfoil.payments.v1.PaymentsService/RequestPayment"""


@asynccontextmanager
async def opening(settings: Settings) -> AsyncIterator[Service]:
    async with hosted(settings) as channels:
        service = build(settings, channels)
        try:
            yield service
        finally:
            await service.close()


def greeting(address: str, tls: bool, *urls: str) -> str:
    grpc = "gRPC over TLS" if tls else "gRPC"
    also = "".join(f" and {url}" for url in urls)
    example = _EXAMPLE.format(address=address, way="" if tls else "-plaintext ")
    return f"Counterfoil listens on {address} ({grpc}){also}\n{example}"


def serve() -> None:
    run("gateway", opening, lambda settings: settings.gateway_listen, greeting)


if __name__ == "__main__":
    serve()
