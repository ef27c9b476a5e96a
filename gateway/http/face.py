"""The HTTP server: uvicorn in the loop of the gRPC server, started and stopped with it."""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import TYPE_CHECKING

from gateway.http.parts import Parts
from gateway.http.streams import Streams
from services.runtime.certificates import Files
from services.runtime.plaintext import refuse_plaintext
from services.runtime.server import HANDSHAKE_SECONDS_MAX
from services.runtime.settings import BadSetting
from services.runtime.tls import server_context

if TYPE_CHECKING:
    import uvicorn

HEAD_BYTES_MAX = 16 * 1024
# Most of them watch, or wait for somebody slow; neither costs much.
CONNECTIONS_MAX = 10_000
# What the process needs besides: databases, other services, files.
_OTHER_FILES = 256
_BACKLOG = 2048


class HttpFace:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._connections_max = _connections_max()
        # So that some connections are left for calls.
        self._streams = Streams(parts.settings.deadline_seconds_max, self._connections_max * 3 // 4)
        self._server: uvicorn.Server | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self, tls: Files | None = None) -> str:
        """Listens, and returns its URL. Raises BadSetting when the address is in use."""
        if tls is None:
            refuse_plaintext(self._settings, "public", self._settings.http_listen)
        listening = _bind(self._settings.http_listen)
        self._server = await asyncio.to_thread(self._make_server)
        # What Server.serve() does, but for the signals, which are the process's.
        self._server.lifespan = self._server.config.lifespan_class(self._server.config)
        await self._server.startup([])
        self._server.servers.append(await _accept(self._server, listening, tls))
        self._ticking = asyncio.create_task(_tick(self._server))
        host = self._settings.http_listen.rpartition(":")[0]
        return f"{'https' if tls else 'http'}://{host}:{listening.getsockname()[1]}"

    async def stop(self) -> None:
        if self._server and self._ticking:
            self._ticking.cancel()
            self._streams.end()
            await self._server.shutdown()

    def _make_server(self) -> uvicorn.Server:
        # Imported here: who switches HTTP off does not wait for it, nor needs it installed.
        import uvicorn

        from gateway.http.application import make_application
        from gateway.http.connection import KEEP_ALIVE_SECONDS, Connection

        config = uvicorn.Config(
            make_application(self._parts, self._streams),
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=self._connections_max,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            timeout_graceful_shutdown=max(int(self._settings.grace_seconds), 1),
        )
        config.load()
        return uvicorn.Server(config)


def _connections_max() -> int:
    """Raises how many files the process may have open to what the system allows it. Each connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return CONNECTIONS_MAX if hard == resource.RLIM_INFINITY else min(CONNECTIONS_MAX, max(hard - _OTHER_FILES, 1))


async def _accept(server: uvicorn.Server, listening: socket.socket, tls: Files | None) -> asyncio.Server:
    """As Server.startup() does, but that nobody may take long over a handshake."""

    def connection() -> asyncio.Protocol:
        make = server.config.http_protocol_class
        return make(config=server.config, server_state=server.server_state, app_state=server.lifespan.state)  # type: ignore[call-arg]

    return await asyncio.get_running_loop().create_server(
        connection,
        sock=listening,
        backlog=_BACKLOG,
        ssl=server_context(tls) if tls else None,
        ssl_handshake_timeout=HANDSHAKE_SECONDS_MAX if tls else None,
    )


async def _tick(server: uvicorn.Server) -> None:
    """Keeps the date of the answers, as Server.main_loop() does with ten times the wake-ups."""
    while True:
        await server.on_tick(0)
        await asyncio.sleep(1)


def _bind(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    # With the protocol named, asyncio sends at once (TCP_NODELAY); without, some answers take 40 ms longer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), int(port)))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise BadSetting(
            f"cannot listen on {listen} for HTTP: the address is in use or is not one of this machine; "
            "COUNTERFOIL_HTTP_LISTEN sets another, or off"
        ) from None
    return listening
