"""Who in this process waits for the next change of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


class Watchers:
    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, session_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set at every change; clear it before reading the session, so that none is missed."""
        changed = asyncio.Event()
        self._waiting.setdefault(session_id, set()).add(changed)
        try:
            yield changed
        finally:
            waiting = self._waiting[session_id]
            waiting.discard(changed)
            if not waiting:
                del self._waiting[session_id]

    def notify(self, session_id: UUID) -> None:
        for changed in self._waiting.get(session_id, ()):
            changed.set()
