"""Where Prometheus finds what the process counts: /metrics, answered by threads of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from services.runtime.certificates import Files
from services.runtime.plaintext import refuse_plaintext
from services.runtime.settings import BadSetting, Settings
from services.runtime.tls import server_context

# For a handshake, and for a request.
SECONDS_MAX = 10.0


def listen(settings: Settings, tls: Files | None) -> Callable[[], None]:
    """Returns what ends it. Raises BadSetting."""
    if settings.metrics_listen == "off":
        return lambda: None
    if tls is None:
        refuse_plaintext(settings, "metrics", settings.metrics_listen)
    host, _, port = settings.metrics_listen.rpartition(":")
    kind = _PortOfIpv6 if host.startswith("[") else _Port
    try:
        server: _Port = make_server(host.strip("[]"), int(port), make_wsgi_app(), kind, _Request)
    except OSError:
        raise BadSetting(
            f"cannot listen on {settings.metrics_listen} for metrics: the address is in use or is not one of this "
            "machine; COUNTERFOIL_METRICS_LISTEN sets another, or off"
        ) from None
    server.tls = server_context(tls) if tls else None
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _Port(ThreadingWSGIServer):
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In a thread of the connection's own, so that a slow handshake keeps nobody waiting."""
        request.settimeout(SECONDS_MAX)
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as spoken:
            super().finish_request(spoken, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller who does not speak TLS, or goes away, is no event."""


class _PortOfIpv6(_Port):
    address_family = socket.AF_INET6


class _Request(WSGIRequestHandler):
    timeout = SECONDS_MAX

    def log_message(self, *_message: object) -> None:
        pass
