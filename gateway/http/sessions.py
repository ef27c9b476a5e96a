"""The REST API: sessions as they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.http import answered
from gateway.http.bodies import BoundedRoute
from gateway.http.dependencies import OperatorOnly, PaymentFlows
from gateway.http.problems import responses

_INT32 = 2**31

router = APIRouter(route_class=BoundedRoute, tags=["sessions"])


@router.get(
    "/session/{session_id}", response_model_exclude_none=True, responses=responses(400, 404, 422, 500, 503, 504)
)
async def get_session(session_id: str, payments: PaymentFlows) -> answered.SessionFound:
    """The session with all its claims, and the credential of every message."""
    return answered.of_found(await payments.get_session(pb.GetSessionRequest(session_id=session_id)))


@router.get(
    "/sessions",
    response_model_exclude_none=True,
    dependencies=[OperatorOnly],
    responses=responses(400, 401, 403, 422, 500, 503, 504),
)
async def list_sessions(
    payments: PaymentFlows,
    page_size: Annotated[
        int, Query(ge=-_INT32, lt=_INT32, description="At most so many, up to 100; 20 by default.")
    ] = 0,
    page_token: Annotated[str, Query(description="`next_page_token` of the page before.")] = "",
) -> answered.SessionsListed:
    """All sessions, newest first, without their claims. For the operator."""
    request = pb.ListSessionsRequest(page_size=page_size, page_token=page_token)
    return answered.of_listed(await payments.list_sessions(request))
