"""Whether this process takes calls (`grpc.health.v1`), for whoever routes calls to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

# What a client that watches may take to send its calls elsewhere, on a busy machine.
LEAVING_SECONDS = 1.0

Context = grpc.aio.ServicerContext[Any, Any]


class Health(HealthServicer):  # type: ignore[misc]  # The package has no types.
    """SERVING from the start until the process stops; then its watchers are told, and in the end let go.

    The package's own servicer keeps its watchers, so that each of them would make stopping take the whole grace time.
    """

    def __init__(self, services: Collection[str]) -> None:
        self._services = services
        self._watchers = 0
        self._leaving = asyncio.Event()
        self._stopping = asyncio.Event()

    async def leave(self) -> None:
        """Returns when those who watch have had the time to make no more calls here.

        A call that reaches a server while it tells its client that it stops is CANCELLED by gRPC.
        """
        self._leaving.set()
        if self._watchers:
            await asyncio.sleep(LEAVING_SECONDS)

    def stop(self) -> None:
        self._stopping.set()

    async def Check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:  # noqa: N802
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service here; name none to ask for all")
        return HealthCheckResponse(status=self._status(request.service))

    async def Watch(  # noqa: N802
        self, request: HealthCheckRequest, context: Context
    ) -> AsyncIterator[HealthCheckResponse]:
        self._watchers += 1
        try:
            if not self._leaving.is_set():
                yield HealthCheckResponse(status=self._status(request.service))
                await self._leaving.wait()
            yield HealthCheckResponse(status=self._status(request.service))
            # Who is let go earlier asks again at once, and again.
            await self._stopping.wait()
        finally:
            self._watchers -= 1

    def _status(self, service: str) -> Any:
        if service not in self._services:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.NOT_SERVING if self._leaving.is_set() else HealthCheckResponse.SERVING
