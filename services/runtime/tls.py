"""TLS: between services, where each shows the other a certificate of their authority, and on ports for the public.

The files are read again when they change: by a server at the next handshake, by a client within a second.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

from services.runtime import metrics
from services.runtime.certificates import Files, Shown, sentence_of
from services.runtime.settings import BadSetting, Settings

LOOKING_SECONDS = 1.0


def files_between_services(settings: Settings) -> Files | None:
    """Raises BadSetting for files that are not a certificate, its key and an authority."""
    return _files("COUNTERFOIL_TLS", settings.tls_certificate, settings.tls_key, settings.tls_ca)


def files_for_the_public(settings: Settings) -> Files | None:
    """Raises BadSetting for files that are not a certificate and its key."""
    return _files("COUNTERFOIL_PUBLIC_TLS", settings.public_tls_certificate, settings.public_tls_key)


def server_credentials(files: Files) -> grpc.ServerCredentials:
    """With an authority, callers have to show a certificate of it, over TLS 1.3. Raises BadSetting."""
    shown = files.current()
    if shown.authority and "GRPC_SSL_CIPHER_SUITES" not in os.environ:
        raise BadSetting(
            "COUNTERFOIL_TLS_CERTIFICATE: give it to a service in the environment, without "
            "COUNTERFOIL_PUBLIC_TLS_CERTIFICATE; otherwise it would speak TLS 1.2 as well"
        )

    def replaced() -> Any:
        """None: nothing was."""
        nonlocal shown
        before, shown = shown, files.current()
        return None if shown is before else _configuration(shown)

    asks_callers = shown.authority is not None
    return grpc.dynamic_ssl_server_credentials(
        _configuration(shown), replaced, require_client_authentication=asks_callers
    )


def server_context(files: Files) -> ssl.SSLContext:
    """For servers that are not gRPC's; it asks no caller for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def show(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = files.current().context

    context.sni_callback = show
    return context


def channel_credentials(shown: Shown) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(shown.authority, shown.key, shown.certificate)


class RenewedChannel:
    """A channel that is made anew when the files have changed. Calls that were begun have their time on the old one."""

    def __init__(self, files: Files, make: Callable[[grpc.ChannelCredentials], grpc.aio.Channel], grace: float) -> None:
        self._files = files
        self._make = make
        self._grace = grace
        self._shown = files.current()
        self._channel = make(channel_credentials(self._shown))
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
        shown = self._files.current()
        if shown is self._shown:
            return
        task = asyncio.ensure_future(self._channel.close(self._grace))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._shown, self._channel = shown, self._make(channel_credentials(shown))


def _files(settings: str, *paths: Path | None) -> Files | None:
    if not any(paths):
        return None
    names = [f"{settings}_{part}" for part in ("CERTIFICATE", "KEY", "CA")][: len(paths)]
    if not all(paths):
        raise BadSetting(f"{', '.join(names[:-1])} and {names[-1]}: give all of them")
    try:
        files = Files(*(path for path in paths if path))
    except OSError as error:
        kinds = "a certificate and its key" if len(paths) == 2 else "a certificate, its key and an authority"
        given = ", ".join(str(path) for path in paths)
        raise BadSetting(f"{names[0]}: {given} cannot be used as {kinds} in PEM ({sentence_of(error)})") from None
    metrics.watch_certificate(str(paths[0]), lambda: files.current().expires_at)
    return files


def _configuration(shown: Shown) -> Any:
    return grpc.ssl_server_certificate_configuration([(shown.key, shown.certificate)], shown.authority)
