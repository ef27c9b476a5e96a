"""Every service without an address, built in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

from services.runtime.channels import SERVICES, Channels, ServiceName
from services.runtime.process import run
from services.runtime.service import Service
from services.runtime.settings import Settings


async def build_one(name: ServiceName, settings: Settings, channels: Channels) -> Service:
    # Imported by name, so that an image with one service needs no other's packages.
    service = await import_module(f"services.{name}.wiring").build(settings, channels)
    assert isinstance(service, Service)
    return service


@asynccontextmanager
async def hosted(settings: Settings) -> AsyncIterator[Channels]:
    """Channels to all services; those in this process live as long as the context."""
    async with AsyncExitStack() as stack:
        channels = Channels(settings)
        stack.push_async_callback(channels.close)
        for name in SERVICES:
            if channels.is_local(name):
                service = await build_one(name, settings, channels)
                stack.push_async_callback(service.close)
                channels.host(service)
        yield channels


def serve_one(name: ServiceName) -> None:
    """Runs one service alone on its own port."""

    @asynccontextmanager
    async def opening(settings: Settings) -> AsyncIterator[Service]:
        channels = Channels(settings)
        service = await build_one(name, settings, channels)
        try:
            yield service
        finally:
            await service.close()
            await channels.close()

    run(
        opening,
        lambda settings: str(getattr(settings, f"{name}_listen")),
        lambda address: f"Counterfoil {name} listens on {address} (gRPC)",
    )
