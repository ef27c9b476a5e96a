"""For whoever runs the process: whether it lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import Annotated

import grpc
from fastapi import APIRouter, Depends
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.http.bodies import BoundedRoute
from gateway.http.problems import problem
from services.runtime.channels import SERVICES, Channels

SECONDS_MAX = 2.0

router = APIRouter(route_class=BoundedRoute, include_in_schema=False)


class Readiness:
    """Asks the services that are not in this process; those in it answer as long as this does."""

    def __init__(self, channels: Channels) -> None:
        self._services = {name: HealthStub(channels.to(name)) for name in SERVICES if not channels.is_local(name)}

    async def missing(self) -> list[str]:
        """The services that do not serve, by name."""
        serving = await asyncio.gather(*(_serves(stub) for stub in self._services.values()))
        return [name for name, serves in zip(self._services, serving, strict=True) if not serves]


async def _serves(stub: HealthStub) -> bool:
    try:
        async with asyncio.timeout(SECONDS_MAX):
            answer = await stub.Check(HealthCheckRequest())
    except (grpc.aio.AioRpcError, TimeoutError):
        return False
    return bool(answer.status == HealthCheckResponse.SERVING)


def _readiness(request: Request) -> Readiness:
    readiness: Readiness = request.app.state.readiness
    return readiness


@router.get("/livez")
async def get_liveness() -> Response:
    """Answers: restart a process that does not."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
async def get_readiness(readiness: Annotated[Readiness, Depends(_readiness)]) -> Response:
    """Send no calls while this is 503."""
    if missing := await readiness.missing():
        return problem(503, f"these services do not answer: {', '.join(missing)}", missing=missing)
    return JSONResponse({"status": "ready"})
