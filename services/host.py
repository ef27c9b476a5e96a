"""Every service without an address, built in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

from services.runtime.channels import SERVICES, Channels
from services.runtime.service import Service
from services.runtime.settings import Settings


@asynccontextmanager
async def hosted(settings: Settings) -> AsyncIterator[Channels]:
    """Channels to all services; those in this process live as long as the context."""
    async with AsyncExitStack() as stack:
        channels = Channels(settings)
        stack.push_async_callback(channels.close)
        for name in SERVICES:
            if channels.is_local(name):
                # Imported by name: a process that hosts no service needs no service's packages.
                service: Service = await import_module(f".{name}.wiring", __package__).build(settings, channels)
                stack.push_async_callback(service.close)
                channels.host(service)
        yield channels
