"""What messages and sessions say, in words and rows for a person. Every text of a stranger's is made printable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC

from google.protobuf.timestamp_pb2 import Timestamp

from client.failures import printable
from counterfoil.messages.v1 import message_pb2
from counterfoil.sessions.v1 import session_pb2

# A name and what stands under it.
Row = tuple[str, str]

_ANSWERS = {
    session_pb2.CLAIM_STATUS_PENDING: "not answered yet",
    session_pb2.CLAIM_STATUS_ACKNOWLEDGED: "acknowledged",
    session_pb2.CLAIM_STATUS_REJECTED: "rejected",
}


def money(amount: message_pb2.Money) -> str:
    return printable(f"{amount.amount} {amount.currency}")


def party(who: message_pb2.Party) -> str:
    return printable(who.handle or who.did or "somebody")


def quoted(text: str) -> str:
    return f'"{printable(text)}"'


def when(instant: Timestamp) -> str:
    try:
        return instant.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError):
        return "at no time that there is"


def status(session: session_pb2.Session) -> str:
    if session.status not in session_pb2.SessionStatus.values():
        return "in a state that this version does not know"
    return session_pb2.SessionStatus.Name(session.status).removeprefix("SESSION_STATUS_").replace("_", " ").lower()


def standing(session: session_pb2.Session) -> str:
    return f"{status(session)}, {received(session)}"


def received(session: session_pb2.Session) -> str:
    return f"{printable(session.paid_amount.amount)} of {money(session.requested_amount)}"


def asked(request: message_pb2.Request) -> str:
    what_for = f" for {quoted(request.description)}" if request.description else ""
    return f"{party(request.payee)} asks for {money(request.amount)}{what_for}"


def claimed(claim: message_pb2.Claim) -> str:
    how = claim.method or claim.custom_method
    by = f" by {printable(how)}" if how else ""
    evidence = f", evidence {quoted(claim.evidence)}" if claim.evidence else ""
    return f"{party(claim.payer)} says they paid {money(claim.amount)}{by}{evidence}"


def answered(claim: session_pb2.SessionClaim) -> str:
    words = _ANSWERS.get(claim.status, "unknown") + (" late" if claim.late else "")
    if claim.answer.HasField("acknowledgement"):
        return f"{words}: {money(claim.answer.acknowledgement.amount)} received"
    return f"{words}{_because(claim.answer.rejection.reason)}"


def statement(message: message_pb2.Message) -> str:
    """What a message says, in one line."""
    match message.WhichOneof("statement"):
        case "request":
            return asked(message.request)
        case "claim":
            return claimed(message.claim)
        case "acknowledgement":
            return f"the payee received {money(message.acknowledgement.amount)}"
        case "rejection":
            return f"the payee says that the claim is not true{_because(message.rejection.reason)}"
        case "cancellation":
            return f"the payee withdraws the request{_because(message.cancellation.reason)}"
    return "nothing that this version knows"


def message_rows(message: message_pb2.Message) -> Iterator[Row]:
    kind = message.WhichOneof("statement") or "message"
    yield kind, statement(message)
    if kind == "request":
        yield from _request_rows(message.request)
    yield "message", printable(message.id)
    yield "session", printable(message.session_id)
    if claim_id := message.acknowledgement.claim_id or message.rejection.claim_id:
        yield "claim", printable(claim_id)
    yield "made", when(message.issue_time)
    yield "issuer", printable(message.issuer)


def session_rows(session: session_pb2.Session) -> Iterator[Row]:
    yield "session", printable(session.id)
    yield "status", standing(session)
    yield "request", asked(session.request.request)
    yield from _request_rows(session.request.request)
    for claim in session.claims:
        yield "claim", printable(claim.message.id)
        yield "", claimed(claim.message.claim)
        yield "", answered(claim)
    if session.HasField("cancellation"):
        yield (
            "cancelled",
            f"{when(session.cancellation.issue_time)}{_because(session.cancellation.cancellation.reason)}",
        )


def unsigned_rows(fields: str) -> Iterator[Row]:
    """The fields of a message that nobody has signed, as they stand in it."""
    stated = json.loads(fields)
    for name, value in stated.items() if isinstance(stated, dict) else [("fields", stated)]:
        yield printable(name), printable(value if isinstance(value, str) else json.dumps(value))


def _request_rows(request: message_pb2.Request) -> Iterator[Row]:
    for method in request.methods:
        details = ", ".join(f"{key} {value}" for key, value in sorted(method.details.items()))
        yield "pay by", printable(f"{method.method}: {details}" if details else method.method)
    yield "open until", when(request.expire_time)


def _because(reason: str) -> str:
    return f": {quoted(reason)}" if reason else ""
