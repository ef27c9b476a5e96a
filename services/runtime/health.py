"""Whether this process takes calls (`grpc.health.v1`), for whoever routes calls to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

Context = grpc.aio.ServicerContext[Any, Any]


class Health(HealthServicer):  # type: ignore[misc]  # The package has no types.
    """SERVING from the start until the process stops; then its watchers are told and let go.

    The package's own servicer keeps its watchers, so that each of them would make stopping take the whole grace time.
    """

    def __init__(self, services: Collection[str]) -> None:
        self._services = services
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def Check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:  # noqa: N802
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service here; name none to ask for all")
        return HealthCheckResponse(status=self._status(request.service))

    async def Watch(  # noqa: N802
        self, request: HealthCheckRequest, context: Context
    ) -> AsyncIterator[HealthCheckResponse]:
        if not self._stopping.is_set():
            yield HealthCheckResponse(status=self._status(request.service))
            await self._stopping.wait()
        yield HealthCheckResponse(status=self._status(request.service))

    def _status(self, service: str) -> Any:
        if service not in self._services:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.NOT_SERVING if self._stopping.is_set() else HealthCheckResponse.SERVING
