"""The call that is being answered: its id and how much time is left, passed on to the services behind."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from uuid_utils import uuid7

from services.runtime import tracing

REQUEST_ID_KEY = "x-request-id"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    request_id: str
    # On the clock of time.monotonic(). None for a stream that may last.
    ends_at: float | None

    @property
    def seconds_left(self) -> float | None:
        return None if self.ends_at is None else max(self.ends_at - time.monotonic(), 0.0)

    @property
    def forwarded(self) -> tuple[tuple[str, str], ...]:
        """The metadata that goes along to other services; nothing else of the caller's does."""
        return ((REQUEST_ID_KEY, self.request_id), *tracing.forwarded())


current_call: ContextVar[Call | None] = ContextVar("current_call", default=None)


def begin_call(metadata: Iterable[tuple[str, str | bytes]] | None, seconds: float | None) -> Call:
    """Takes the caller's request id where it has a sane one, and makes one otherwise."""
    given = next((value for key, value in metadata or () if key == REQUEST_ID_KEY), None)
    request_id = given if isinstance(given, str) and _REQUEST_ID.fullmatch(given) else str(uuid7())
    call = Call(request_id, None if seconds is None else time.monotonic() + seconds)
    current_call.set(call)
    return call
