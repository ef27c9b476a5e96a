"""Messages of the wallet's, written down as the caller wants them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from client.sdk.failures import Refused
from client.sdk.verdicts import refused
from client.wallet.conversation import Conversation
from client.wallet.store import Kept
from counterfoil.messages.v1 import message_pb2
from services.codec.domain import NoDossier, QrFormat, TextFormat
from services.codec.usecases import write, write_dossier
from services.messages.document import message_digest
from services.sessions.domain import order
from services.sessions.placing import parts
from services.sessions.refusals import ClaimNotFound


class Wanted(Protocol):
    @property
    def format(self) -> message_pb2.TextFormat.ValueType: ...
    @property
    def qr_format(self) -> message_pb2.QrFormat.ValueType: ...


def written(made: Kept, wanted: Wanted) -> dict[str, Any]:
    """The fields of every answer that holds a message."""
    classic = wanted.format == message_pb2.TEXT_FORMAT_CLASSIC
    written_as, text = write(made.credential, TextFormat.CLASSIC if classic else TextFormat.COMPACT)
    return {"text": text, "format": to_format(written_as), "qr_image": drawn(text, wanted.qr_format)}


def drawn(text: str, format: message_pb2.QrFormat.ValueType) -> bytes:
    """The picture, where one is wanted."""
    if format == message_pb2.QR_FORMAT_UNSPECIFIED:
        return b""
    from services.codec.qr_drawing import draw

    return draw(text, QrFormat[message_pb2.QrFormat.Name(format).removeprefix("QR_FORMAT_")])


def to_format(format: TextFormat) -> message_pb2.TextFormat.ValueType:
    return message_pb2.TextFormat.Value(f"TEXT_FORMAT_{format.name}")


def text_of(kept: Iterable[Kept], message_id: str) -> str:
    for each in kept:
        if str(each.recorded.message.id) == message_id:
            return write(each.credential, TextFormat.COMPACT)[1]
    raise Refused(f"no message {message_id} in that session; check the id", "CREDENTIAL_NOT_FOUND")


def dossier(found: Conversation, kept: Iterable[Kept], claim_id: str | None) -> str:
    """The whole session in one text, or what is about one of its claims. Raises Refused."""
    if not found.sessions:
        raise Refused(f"the request of session {found.id} has not arrived; add it first", "SESSION_NOT_FOUND")
    session = found.sessions[0]
    if claim_id:
        try:
            session = replace(session, claims=(session.claim(UUID(claim_id)),))
        except ClaimNotFound as refusal:
            raise refused(refusal) from None
    credentials = {each.recorded.digest: each.credential for each in kept}
    try:
        return write_dossier([credentials[message_digest(message)] for message in parts(session)])
    except NoDossier:
        raise Refused(
            "one text does not hold this conversation, or there is nothing but a request; "
            "give --claim for one claim, --message for one message, or --credentials for all",
            NoDossier.reason,
        ) from None


def files(kept: Iterable[Kept]) -> dict[str, str]:
    """Every credential under a name that says what it is, in the order of the conversation."""
    named = {}
    for number, each in enumerate(sorted(kept, key=lambda each: order(each.recorded)), 1):
        name = f"{number:02}-{each.recorded.message.kind.name.lower()}.json"
        named[name] = json.dumps(json.loads(each.credential), indent=2) + "\n"
    return named
