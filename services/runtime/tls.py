"""TLS between services: each shows the other a certificate of their common authority.

The files are read again when they change: by a server at the next handshake, by a client within a second.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from services.runtime.settings import BadSetting, Settings

LOOKING_SECONDS = 1.0


@dataclass(frozen=True)
class Files:
    certificate: Path
    key: Path
    authority: Path

    def client(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(
            self.authority.read_bytes(), self.key.read_bytes(), self.certificate.read_bytes()
        )

    def server(self) -> grpc.ServerCredentials:
        return grpc.dynamic_ssl_server_credentials(
            self._configuration(), self._configuration_or_none, require_client_authentication=True
        )

    def changed_at(self) -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in (self.certificate, self.key, self.authority))

    def _configuration(self) -> Any:
        pair = (self.key.read_bytes(), self.certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], self.authority.read_bytes())

    def _configuration_or_none(self) -> Any:
        """None: the one before goes on."""
        try:
            return self._configuration()
        except OSError:
            return None


def files_of(settings: Settings) -> Files | None:
    """Raises BadSetting for files that are not a certificate, its key and an authority."""
    paths = (settings.tls_certificate, settings.tls_key, settings.tls_ca)
    if paths == (None, None, None):
        return None
    if None in paths:
        raise BadSetting("COUNTERFOIL_TLS_CERTIFICATE, COUNTERFOIL_TLS_KEY and COUNTERFOIL_TLS_CA: give all three")
    certificate, key, authority = (Path(str(path)) for path in paths)
    try:
        ssl.create_default_context(cafile=authority).load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one.
        raise BadSetting(
            f"COUNTERFOIL_TLS_CERTIFICATE: {certificate}, {key} and {authority} are not a certificate, its key and an "
            f"authority in PEM, or cannot be read ({error.strerror or type(error).__name__})"
        ) from None
    return Files(certificate, key, authority)


class RenewedChannel:
    """A channel that is made anew when the files have changed. Calls that were begun have their time on the old one."""

    def __init__(self, files: Files, make: Callable[[grpc.ChannelCredentials], grpc.aio.Channel], grace: float) -> None:
        self._files = files
        self._make = make
        self._grace = grace
        self._made_of = files.changed_at()
        self._channel = make(files.client())
        self._looked_at = time.monotonic()
        self._closing: set[asyncio.Task[None]] = set()

    def unary_unary(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return lambda request, **more: self._current().unary_unary(*args, **kwargs)(request, **more)

    def unary_stream(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return lambda request, **more: self._current().unary_stream(*args, **kwargs)(request, **more)

    async def close(self) -> None:
        for task in self._closing:
            task.cancel()
        await self._channel.close()

    def _current(self) -> grpc.aio.Channel:
        if time.monotonic() - self._looked_at > LOOKING_SECONDS:
            self._looked_at = time.monotonic()
            self._renew_if_changed()
        return self._channel

    def _renew_if_changed(self) -> None:
        try:
            made_of = self._files.changed_at()
            if made_of == self._made_of:
                return
            channel = self._make(self._files.client())
        except OSError:
            return  # Half-way through being replaced; a second later there is another look.
        task = asyncio.ensure_future(self._channel.close(self._grace))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._made_of, self._channel = made_of, channel
