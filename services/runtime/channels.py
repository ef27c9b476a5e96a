"""Where each service is: an address means over the network, no address means in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Literal, cast

import grpc

from services.runtime.call import current_call
from services.runtime.certificates import Files
from services.runtime.interceptors import Interceptors
from services.runtime.local import LocalChannel
from services.runtime.plaintext import refuse_plaintext
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.runtime.tls import RenewedChannel, files_between_services

ServiceName = Literal["codec", "credentials", "sessions"]
SERVICES: tuple[ServiceName, ...] = ("codec", "credentials", "sessions")

# A picture of 8 MiB and what goes with it.
MESSAGE_BYTES_MAX = 10 * 1024 * 1024
OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
]
# Calls go round the replicas that say they take some. What one could not take is tried once more, on another: every
# call may be made twice.
_ROUND_ROBIN = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 2,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.05s",
                "backoffMultiplier": 1,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # Where much fails nothing is tried again, so that nobody is buried under second tries.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}
BALANCING = [("grpc.service_config", json.dumps(_ROUND_ROBIN))]
# A service that comes back is found in a moment; left to itself, gRPC tries ever less often, up to every two minutes.
RECONNECTING = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]
# A connection that a router between has forgotten is silent, and TCP takes a quarter of an hour to notice. While calls
# wait, it is asked whether it is still there.
KEEPALIVE = [
    ("grpc.keepalive_time_ms", 2000),
    ("grpc.keepalive_timeout_ms", 2000),
    ("grpc.http2.ping_timeout_ms", 2000),
    ("grpc.http2.max_pings_without_data", 0),
]


class Channels:
    def __init__(self, settings: Settings) -> None:
        self._seconds_max = settings.deadline_seconds_max
        self._interceptors = Interceptors(settings.deadline_seconds_max, logged=False)
        self._local = LocalChannel(self._interceptors)
        files = files_between_services(settings)
        self._remote = {
            name: _remote(address, files, settings)
            for name in SERVICES
            if (address := getattr(settings, f"{name}_address"))
        }

    def is_local(self, name: ServiceName) -> bool:
        return name not in self._remote

    def host(self, service: Service) -> None:
        service.register(self._local)

    def to(self, name: ServiceName) -> grpc.aio.Channel:
        """A channel for stubs; calls on it take over the deadline and the request id of the call being answered."""
        return cast(grpc.aio.Channel, _Forwarding(self._remote.get(name, self._local), self._seconds_max))

    async def close(self) -> None:
        self._interceptors.end_streams()
        await asyncio.gather(*(channel.close() for channel in self._remote.values()))


def _remote(address: str, files: Files | None, settings: Settings) -> grpc.aio.Channel | RenewedChannel:
    options = [*OPTIONS, *RECONNECTING, *KEEPALIVE, *BALANCING]
    target = f"ipv4:{address}" if "," in address else address
    if files is None:
        refuse_plaintext(settings, "services", address)
        return grpc.aio.insecure_channel(target, options)
    return RenewedChannel(
        files, lambda shown: grpc.aio.secure_channel(target, shown, options), settings.deadline_seconds_max
    )


class _Forwarding:
    def __init__(self, channel: Any, seconds_max: float) -> None:
        self._channel = channel
        self._seconds_max = seconds_max

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        forward = self._forward(self._channel.unary_unary(method, *args, **kwargs), self._seconds_max)
        if not isinstance(self._channel, LocalChannel):
            return forward
        within = self._channel.within(method)

        def call(request: Any) -> Any:
            answered = current_call.get()
            return forward(request) if answered is None or answered.ends_at is None else within(request, answered)

        return call

    def unary_stream(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return self._forward(self._channel.unary_stream(*args, **kwargs), None)

    def _forward(self, start: Callable[..., Any], seconds_max: float | None) -> Callable[..., Any]:
        def call(request: Any) -> Any:
            answered = current_call.get()
            if answered is None:
                return start(request, timeout=seconds_max)
            timeout = seconds_max if answered.seconds_left is None else answered.seconds_left
            return start(request, timeout=timeout, metadata=answered.forwarded)

        return call
