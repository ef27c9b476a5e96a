"""Running a service as a process: start, say where, wait for a signal, stop in order."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager

from services.runtime import log, metrics_port, tracing
from services.runtime.certificates import Files
from services.runtime.channels import Channels, ServiceName
from services.runtime.idle import Loop
from services.runtime.plaintext import refuse_plaintext
from services.runtime.server import Server
from services.runtime.service import Service
from services.runtime.settings import BadSetting, Settings, read_settings
from services.runtime.tls import files_between_services, files_for_the_public

Opening = Callable[[Settings], AbstractAsyncContextManager[Service]]
Build = Callable[[Settings, Channels], Awaitable[Service]]


def run(name: str, opening: Opening, listen: Callable[[Settings], str], greeting: Callable[..., str]) -> None:
    """Serves until SIGTERM or SIGINT, then exits 0. A bad setting is one line on stderr and exit code 2.

    The greeting is given every address, that of gRPC first, with whether it speaks TLS.
    """
    try:
        settings = read_settings()
        log.configure(settings)
        with ExitStack() as telemetry:
            telemetry.callback(tracing.configure(f"counterfoil-{name}"))
            between_services, public = files_between_services(settings), files_for_the_public(settings)
            telemetry.callback(metrics_port.listen(settings, between_services or public))
            tls = public if name == "gateway" else between_services
            if tls is None:
                refuse_plaintext(settings, "public" if name == "gateway" else "services", listen(settings))
            with asyncio.Runner(loop_factory=Loop) as runner:
                runner.run(_serve(settings, opening, listen(settings), greeting, tls))
    except BadSetting as error:
        print(f"counterfoil: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None


def run_one(name: ServiceName, build: Build) -> None:
    """Runs one service alone on its own port."""

    @asynccontextmanager
    async def opening(settings: Settings) -> AsyncIterator[Service]:
        channels = Channels(settings)
        service = await build(settings, channels)
        try:
            yield service
        finally:
            await service.close()
            await channels.close()

    run(
        name,
        opening,
        lambda settings: str(getattr(settings, f"{name}_listen")),
        lambda address, tls: f"Counterfoil {name} listens on {address} (gRPC{' over TLS' if tls else ''})",
    )


async def _serve(
    settings: Settings, opening: Opening, listen: str, greeting: Callable[..., str], tls: Files | None
) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with opening(settings) as service:
        server = Server(service, settings, tls)
        address = await server.start(listen)
        try:
            urls = [await face.start(tls) for face in service.faces]
            _spare_the_collector()
            print(greeting(address, tls is not None, *urls), flush=True)  # noqa: T201
            await stop.wait()
        finally:
            await asyncio.gather(server.stop(), *(face.stop() for face in service.faces))


def _spare_the_collector() -> None:
    """What was made so far stays until the end, and of what calls make little is garbage that only a search finds."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
