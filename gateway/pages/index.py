"""`/`: what this is, and where to go."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.pages.rendering import page
from gateway.pages.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
async def get_index(request: Request) -> Response:
    return page(request, "index.html")
