"""Who in this process waits for the next change of a session, whichever process makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

# How late a change may be noticed that another process made, and whose announcement was lost.
LOOKING_SECONDS = 2.0
LOOKED_FOR_MAX = 1000

log = structlog.get_logger()


class Watch:
    def __init__(self) -> None:
        # Set when there is something new; clear it before reading the session, so that nothing is missed.
        self.changed = asyncio.Event()
        # The last change that the watcher knows.
        self.sequence = 0


class Watchers:
    def __init__(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """`tell` announces to the other processes."""
        self._tell = tell
        self._waiting: dict[UUID, set[Watch]] = {}

    @contextmanager
    def watching(self, session_id: UUID) -> Iterator[Watch]:
        watch = Watch()
        self._waiting.setdefault(session_id, set()).add(watch)
        try:
            yield watch
        finally:
            waiting = self._waiting[session_id]
            waiting.discard(watch)
            if not waiting:
                del self._waiting[session_id]

    def notify(self, session_id: UUID, sequence: int) -> None:
        """A change was recorded here."""
        self._wake(session_id, sequence)
        self._tell(f"{session_id} {sequence}")

    def hear(self, told: str) -> None:
        """A change was recorded somewhere."""
        session_id, _, sequence = told.partition(" ")
        try:
            self._wake(UUID(session_id), int(sequence))
        except ValueError:
            log.warning("announcement not understood")

    async def look_for_ever(
        self, sequences: Callable[[Collection[UUID]], Awaitable[Iterable[tuple[UUID, int]]]]
    ) -> None:
        """Finds out what nobody told: another process died before it could, or the connection was lost."""
        while True:
            await asyncio.sleep(LOOKING_SECONDS)
            watched = list(self._waiting)
            try:
                for start in range(0, len(watched), LOOKED_FOR_MAX):
                    for session_id, sequence in await sequences(watched[start : start + LOOKED_FOR_MAX]):
                        self._wake(session_id, sequence)
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                log.warning("watched sessions not looked at", error=type(error).__name__)

    def _wake(self, session_id: UUID, sequence: int) -> None:
        for watch in self._waiting.get(session_id, ()):
            if watch.sequence < sequence:
                watch.changed.set()
