"""Sessions as protobuf."""

from __future__ import annotations

from counterfoil.sessions.v1 import session_pb2 as pb
from services.messages import protobuf as to
from services.sessions.domain import ClaimState, ClaimStatus, Session, Status

_STATUSES = {status: pb.SessionStatus.Value(f"SESSION_STATUS_{status.name}") for status in Status}
_CLAIM_STATUSES = {status: pb.ClaimStatus.Value(f"CLAIM_STATUS_{status.name}") for status in ClaimStatus}


def to_session(session: Session, status: Status, *, with_claims: bool = True) -> pb.Session:
    opening = session.opening.message
    return pb.Session(
        id=opening.session_text,
        status=_STATUSES[status],
        requested_amount=to.to_money(session.request.amount),
        paid_amount=to.to_money(session.paid),
        create_time=to.to_time(opening.issued_at),
        expire_time=to.to_time(session.request.expires_at),
        request=to.to_message(opening),
        claims=map(_to_claim, session.claims) if with_claims else (),
        cancellation=to.to_message(session.cancellation) if session.cancellation else None,
        sequence=session.sequence,
    )


def _to_claim(state: ClaimState) -> pb.SessionClaim:
    return pb.SessionClaim(
        message=to.to_message(state.claim.message),
        status=_CLAIM_STATUSES[state.status],
        answer=to.to_message(state.answer) if state.answer else None,
        late=state.late,
    )
