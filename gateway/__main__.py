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
  grpcurl -plaintext -d '{{"payee": {{"handle": "Ana"}}, "amount": {{"amount": "120.00", "currency": "EUR"}}}}' \\
    {address} counterfoil.payments.v1.PaymentsService/RequestPayment"""


@asynccontextmanager
async def opening(settings: Settings) -> AsyncIterator[Service]:
    async with hosted(settings) as channels:
        yield build(settings, channels)


def greeting(address: str, *urls: str) -> str:
    also = "".join(f" and {url}" for url in urls)
    return f"Counterfoil listens on {address} (gRPC){also}\n" + _EXAMPLE.format(address=address)


def serve() -> None:
    run("gateway", opening, lambda settings: settings.gateway_listen, greeting)


if __name__ == "__main__":
    serve()
