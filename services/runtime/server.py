"""A gRPC server with health and reflection that stops without dropping what it has begun."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2_grpc import add_ServerReflectionServicer_to_server

from services.runtime.arriving import Arrivals
from services.runtime.certificates import Files
from services.runtime.channels import OPTIONS
from services.runtime.health import Health
from services.runtime.interceptors import Handler, Interceptors
from services.runtime.service import Service
from services.runtime.settings import BadSetting, Settings
from services.runtime.tls import server_credentials

STREAMS_PER_CONNECTION_MAX = 1000
# Then a client asks for the addresses again, and finds new replicas. Streams that run go on.
CONNECTION_AGE_SECONDS_MAX = 300
# Whoever opens a connection has to go on.
HANDSHAKE_SECONDS_MAX = 10
# Whoever asks more often whether a connection is still there is sent away.
ASKED_AGAIN_SECONDS_MIN = 1
# What the last answers may take on their way; left to itself, gRPC ends calls as CANCELLED.
SENDING_SECONDS = 1.0


class Server:
    """`tls`: what it shows; with an authority there, callers show a certificate of it as well. None: without TLS."""

    def __init__(self, service: Service, settings: Settings, tls: Files | None = None) -> None:
        self._settings = settings
        self._tls = tls
        self._interceptors = Interceptors(settings.deadline_seconds_max, logged=True)
        self._arrivals = Arrivals()
        self._grpc = grpc.aio.server(
            options=[
                *OPTIONS,
                ("grpc.max_concurrent_streams", STREAMS_PER_CONNECTION_MAX),
                ("grpc.server_handshake_timeout_ms", HANDSHAKE_SECONDS_MAX * 1000),
                ("grpc.http2.min_ping_interval_without_data_ms", ASKED_AGAIN_SECONDS_MIN * 1000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.max_connection_age_ms", CONNECTION_AGE_SECONDS_MAX * 1000),
                ("grpc.http2.bdp_probe", 0),  # A stream that nobody reads yet then holds 64 KiB, and no more.
                ("grpc.so_reuseport", 0),  # Two servers on one port are a mistake, not a plan.
            ]
        )
        self._names: list[str] = []
        service.register(self)
        self._health = Health(("", *self._names))
        plain = _Plain(self._grpc, self._arrivals)
        add_HealthServicer_to_server(self._health, plain)
        if settings.reflection:
            names = (*self._names, HEALTH, reflection.SERVICE_NAME)
            add_ServerReflectionServicer_to_server(reflection.aio.ReflectionServicer(names), plain)

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Handler]) -> None:
        self._names.append(service)
        wrapped = {
            name: self._interceptors.wrap(f"/{service}/{name}", self._arrivals.bounded(each))
            for name, each in handlers.items()
        }
        self._grpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, wrapped),))

    def add_generic_rpc_handlers(self, _handlers: Any) -> None:
        """The generated code registers twice; the other way is enough."""

    async def start(self, listen: str) -> str:
        """Listens, and returns the address with the port that was taken. Raises BadSetting when it is in use."""
        try:
            if self._tls:
                port = self._grpc.add_secure_port(listen, server_credentials(self._tls))
            else:
                port = self._grpc.add_insecure_port(listen)
        except RuntimeError:
            raise BadSetting(
                f"cannot listen on {listen}: the address is in use or is not one of this machine"
            ) from None
        await self._grpc.start()
        return f"{listen.rpartition(':')[0]}:{port}"

    async def stop(self) -> None:
        """Has callers go elsewhere, takes no more calls, ends the streams, and gives running calls their grace."""
        await self._health.leave()
        self._health.stop()
        self._interceptors.end_streams()
        grace = self._settings.grace_seconds
        stopping = asyncio.ensure_future(self._grpc.stop(grace + SENDING_SECONDS))
        await self._interceptors.end_calls(grace)
        await stopping


class _Plain:
    """Where services of the gRPC packages register, whose calls are neither logged nor given a deadline."""

    def __init__(self, server: grpc.aio.Server, arrivals: Arrivals) -> None:
        self._grpc = server
        self._arrivals = arrivals

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Handler]) -> None:
        bounded = {name: self._arrivals.bounded(each) for name, each in handlers.items()}
        self._grpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, bounded),))

    def add_generic_rpc_handlers(self, _handlers: Any) -> None:
        """As above."""
