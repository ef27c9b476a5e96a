"""A server of one's own in this process, for a demonstration: a free port, and data that is gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from gateway.__main__ import opening
from services.runtime import log
from services.runtime.server import Server
from services.runtime.settings import Settings, read_settings

# The address, and what stops the server.
Started = tuple[str, Callable[[], object]]


@contextmanager
def own_server() -> Iterator[str]:
    """Gives its address. Raises BadSetting."""
    with TemporaryDirectory(prefix="counterfoil-") as directory:
        settings = _settings(Path(directory))
        log.configure(settings)
        started: Future[Started] = Future()
        thread = Thread(target=lambda: asyncio.run(_serve(settings, started)), name="server")
        thread.start()
        try:
            address, stop = started.result()
            try:
                yield address
            finally:
                stop()
        finally:
            thread.join()


def _settings(directory: Path) -> Settings:
    """Everything in this process and in that directory, whatever else the environment says."""
    alone = {f"{name}_address": None for name in ("codec", "credentials", "sessions")}
    return read_settings().model_copy(
        update={
            **alone,
            "retention_days": None,
            "archive_dir": None,
            "gateway_listen": "127.0.0.1:0",
            "data_dir": directory,
            "log_level": "error",
            "grace_seconds": 1,
        }
    )


async def _serve(settings: Settings, started: Future[Started]) -> None:
    stopped = asyncio.Event()
    try:
        async with opening(settings) as service:
            server = Server(service, settings)
            address = await server.start(settings.gateway_listen)
            loop = asyncio.get_running_loop()
            started.set_result((address, lambda: loop.call_soon_threadsafe(stopped.set)))
            await stopped.wait()
            await server.stop()
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)
