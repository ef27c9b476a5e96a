"""What a wallet knows of a session, for a person and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict

from client.failures import printable
from client.wallet.conversation import Conversation
from client.wallet.protobuf import to_credential
from client.wallet.store import Kept, WalletFile
from client.wording import Row, session_rows, standing, statement
from counterfoil.sessions.v1 import session_pb2
from services.messages.protobuf import to_message
from services.sessions.contradictions import Contradiction
from services.sessions.domain import Flaw, Recorded, Session
from services.sessions.protobuf import to_session

if TYPE_CHECKING:
    from client.wallet.taking import Taken

_WHY = {
    Flaw.ID_USED_BEFORE: "its signer used its id before, for another message",
    Flaw.NOT_THE_PARTY: "it speaks for a party that did not sign it",
    Flaw.UNLINKED: "what it answers does not count itself",
    Flaw.OTHER_CURRENCY: "it is in another currency than the request",
    Flaw.TOO_LATE: "it was made after the request had expired or was withdrawn",
    Flaw.PLACE_TAKEN: "it came second, after another such message of the same party",
}
_CONTRADICTIONS = {
    Contradiction.MESSAGES_UNDER_ONE_ID: "signed two messages under one id",
    Contradiction.REQUESTS_UNDER_ONE_SESSION: "signed two requests under one session id",
    Contradiction.ANSWERS_TO_ONE_CLAIM: "gave two answers to one claim",
}


def conversation_rows(found: Conversation) -> Iterator[Row]:
    for session in found.sessions:
        yield from session_rows(_session(session))
    for each in found.waiting:
        yield "waiting", said(each)
        yield "", "for what it answers, which has not arrived yet"
    for each, flaw in found.aside:
        yield "not counted", said(each)
        yield "", f"because {_WHY[flaw]}"
    yield from contradiction_rows(found)


def contradiction_rows(found: Conversation) -> Iterator[Row]:
    for pair in found.equivocations:
        yield "contradiction", f"{printable(pair.first.message.issuer)} {_CONTRADICTIONS[pair.kind]}:"
        yield "", said(pair.first)
        yield "", said(pair.second)


def summary(found: Conversation) -> Iterator[str]:
    """Where a session stands, in a line or two."""
    for session in found.sessions:
        yield f"Session {session.id}: {standing(_session(session))}"
    if found.waiting:
        yield f"Session {found.id}: {len(found.waiting)} waiting for what they answer"
    if found.aside:
        yield f"Session {found.id}: {len(found.aside)} not counted; `counterfoil session {found.id}` says why"


def said(each: Recorded) -> str:
    message = to_message(each.message)
    return f"{statement(message)} ({message.WhichOneof('statement')} {message.id})"


def to_json(found: Conversation, kept: list[Kept]) -> dict[str, Any]:
    sessions = [_dict(_session(each)) for each in found.sessions]
    return {
        "session": sessions[0] if sessions else None,
        "other_sessions": sessions[1:],
        "credentials": [_dict(to_credential(each)) for each in kept],
        "waiting": [_dict(to_message(each.message)) for each in found.waiting],
        "not_counted": [{"message": _dict(to_message(each.message)), "why": flaw.name} for each, flaw in found.aside],
        "contradictions": contradictions(found, kept),
    }


def contradictions(found: Conversation, kept: list[Kept]) -> list[dict[str, Any]]:
    """Each with both credentials, which prove it to anybody."""
    credentials = {each.recorded.digest: json.loads(each.credential) for each in kept}
    return [
        {
            "kind": pair.kind.name,
            "issuer": pair.first.message.issuer,
            "credentials": [credentials[pair.first.digest], credentials[pair.second.digest]],
        }
        for pair in found.equivocations
    ]


def taken_to_json(taken: Taken, conversations: Iterable[Conversation], file: WalletFile) -> dict[str, Any]:
    return {
        "messages": [{"message": _dict(to_message(each.message)), "new": new} for each, new in taken.messages],
        "refused": [{"reason": each.reason, "sentence": each.sentence} for each in taken.refused],
        "contradictions": [pair for each in conversations for pair in contradictions(each, file.messages(each.id))],
    }


def _session(session: Session) -> session_pb2.Session:
    return to_session(session, session.status(datetime.now(UTC)))


def _dict(message: Any) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
