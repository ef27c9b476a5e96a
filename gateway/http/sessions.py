"""The REST API: sessions as they are and as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2
from gateway.http import answered, asked
from gateway.http.bodies import BoundedRoute
from gateway.http.calls import may_last
from gateway.http.dependencies import LastingStreams, OperatorOnly, PaymentFlows
from gateway.http.problems import responses
from services.messages.refusals import InvalidField

HEARTBEAT_SECONDS = 15.0
RECONNECT_MILLISECONDS = 2000
WAIT_SECONDS_MAX = 60
_INT32 = 2**31
_EVENT_STREAM: dict[str, Any] = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}

router = APIRouter(route_class=BoundedRoute, tags=["sessions"])


@router.get(
    "/session/{session_id}",
    response_model=answered.SessionFound,
    response_model_exclude_none=True,
    responses={304: {"description": "Not Modified"}, **responses(400, 404, 422, 500, 503, 504)},
)
async def get_session(
    session_id: str,
    request: Request,
    response: Response,
    payments: PaymentFlows,
    streams: LastingStreams,
    wait: Annotated[
        int, Query(ge=0, le=WAIT_SECONDS_MAX, description="How many seconds to wait until it is another than `etag`.")
    ] = 0,
    etag: Annotated[str, Query(description="The `ETag` of the answer you have. `If-None-Match` says the same.")] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Any:
    """The session with all its claims, and the credential of every message. 304 when you have it already."""
    known = {each.strip().removeprefix("W/").strip('"') for each in (etag, *if_none_match.split(","))}
    found = await payments.get_session(pb.GetSessionRequest(session_id=session_id))
    if wait and _tag(found.session) in known:
        may_last(request)
        watched = pb.WatchSessionRequest(session_id=session_id)
        async for change in streams.watch(payments, watched, silent_seconds=wait):
            if change is None or _tag(change.session) not in known:
                break
        found = await payments.get_session(pb.GetSessionRequest(session_id=session_id))
    headers = {"ETag": f'"{_tag(found.session)}"', "Cache-Control": "no-cache"}
    if _tag(found.session) in known:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return answered.of_found(found)


@router.get(
    "/session/{session_id}/events",
    response_class=StreamingResponse,
    responses={200: _EVENT_STREAM, **responses(400, 404, 422, 500, 503, 504)},
)
async def watch_session(
    session_id: str,
    request: Request,
    payments: PaymentFlows,
    streams: LastingStreams,
    last_event_id: Annotated[str, Header(description="The last event you saw: later ones follow.")] = "",
) -> Response:
    """Server-sent events: the session as it is, then again after every change."""
    watched = pb.WatchSessionRequest(session_id=session_id, after_sequence=_sequence(last_event_id))
    await payments.get_session(pb.GetSessionRequest(session_id=session_id))  # So that an unknown one is 404.
    streams.check(payments)
    may_last(request)
    changes = streams.watch(payments, watched, silent_seconds=HEARTBEAT_SECONDS)
    # nginx would keep the events until there are many.
    return StreamingResponse(_events(changes), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get(
    "/session/{session_id}/dossier",
    response_model_exclude_none=True,
    responses=responses(400, 404, 409, 422, 500, 503, 504),
)
async def export_session(
    session_id: str,
    payments: PaymentFlows,
    claim: Annotated[str, Query(description="The id of the only claim to take in. Left out: all of them.")] = "",
    qr_format: Annotated[asked.QrFormat | None, Query(description="Asks for `qr_code`, as such a picture.")] = None,
) -> answered.SessionExported:
    """The whole conversation as one text, which a stranger can verify offline and /decodeMessage reads."""
    picture = message_pb2.QrFormat.Value(f"QR_FORMAT_{qr_format or 'UNSPECIFIED'}")
    request = pb.ExportSessionRequest(session_id=session_id, qr_format=picture, claim_id=claim)
    return answered.of_exported(await payments.export_session(request))


@router.get(
    "/sessions",
    response_model_exclude_none=True,
    dependencies=[OperatorOnly],
    responses=responses(400, 401, 403, 422, 500, 503, 504),
)
async def list_sessions(
    payments: PaymentFlows,
    page_size: Annotated[int, Query(ge=-_INT32, lt=_INT32, description="At most so many, up to 100; 0 means 20.")] = 0,
    page_token: Annotated[str, Query(description="`next_page_token` of the page before.")] = "",
) -> answered.SessionsListed:
    """All sessions, newest first, without their claims. For the operator."""
    request = pb.ListSessionsRequest(page_size=page_size, page_token=page_token)
    return answered.of_listed(await payments.list_sessions(request))


async def _events(changes: AsyncIterator[pb.WatchSessionResponse | None]) -> AsyncIterator[str]:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html; the comments keep proxies from giving up."""
    yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
    async for change in changes:
        if change is None:
            yield ":\n\n"
        else:
            data = answered.of_change(change).model_dump_json(exclude_none=True)
            yield f"id: {change.sequence}\ndata: {data}\n\n"


def _tag(session: session_pb2.Session) -> str:
    """Changes with every message, and with the expiry, which is none."""
    return f"{session.sequence}-{session.status}"


def _sequence(last_event_id: str) -> int | None:
    if not last_event_id:
        return None
    if not (last_event_id.isascii() and last_event_id.isdecimal()) or len(last_event_id) > 18:
        raise InvalidField("Last-Event-ID: not from this stream; pass the last id as it came", field="Last-Event-ID")
    return int(last_event_id)
