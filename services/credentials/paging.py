"""Pages of a listing (AIP-158): how many, and where to go on."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from services.messages.refusals import InvalidField, InvalidPageToken

SIZE_DEFAULT = 100
SIZE_MAX = 1000


def size(asked: int) -> int:
    """How many go on a page. More than the most gives the most; a negative number is refused."""
    if asked < 0:
        raise InvalidField("page_size: negative; give a number from 1 to 1000, or none", field="page_size")
    return min(asked or SIZE_DEFAULT, SIZE_MAX)


def to_token(session_id: UUID, last: UUID) -> str:
    """Says after which message a session's listing goes on. Holds no secret and grants nothing."""
    return urlsafe_b64encode(session_id.bytes + last.bytes).decode().rstrip("=")


def read_token(session_id: UUID, token: str) -> UUID | None:
    """The message to go on after; None for an empty token. Raises InvalidPageToken for another session's."""
    if not token:
        return None
    try:
        last = UUID(bytes=urlsafe_b64decode(token[:64] + "==")[16:])
    except ValueError:
        raise InvalidPageToken from None
    if to_token(session_id, last) != token:
        raise InvalidPageToken
    return last
