"""Who in this process waits for the next change of a session, whichever process makes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import Histogram

from services.runtime.log import log

# How late a change may be noticed that another process made, and whose announcement was lost.
LOOKING_SECONDS = 2.0
LOOKED_FOR_MAX = 1000


_LAG = Histogram(
    "counterfoil_event_lag_seconds",
    "Seconds from the commit of a change to its delivery to a watcher who waits for it.",
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


class Watch:
    __slots__ = ("_changed", "_committed_at", "_woken_for", "sequence")

    def __init__(self) -> None:
        # The last change that the watcher knows.
        self.sequence = 0
        self._changed = asyncio.Event()
        # When the first of the changes that it is woken for was on disk, in seconds since 1970.
        self._committed_at = 0.0
        self._woken_for: float | None = None

    def wake(self, sequence: int, committed_at: float) -> None:
        if self.sequence < sequence and not self._changed.is_set():
            self._committed_at = committed_at
            self._changed.set()

    async def wait(self, at_most: timedelta) -> None:
        """Until there is something new, or the time is over. Read the session after it, so that nothing is missed."""
        # Who was not waiting is slow to read, and late by itself.
        was_waiting = not self._changed.is_set()
        seconds = at_most.total_seconds()
        try:
            async with asyncio.timeout(seconds if seconds > 0 else None):
                await self._changed.wait()
            self._woken_for = self._committed_at if was_waiting else None
        except TimeoutError:
            self._woken_for = None
        self._changed.clear()

    def delivers(self) -> None:
        """What it was woken for goes out to the watcher now."""
        if self._woken_for is not None:
            # The clocks of two machines differ.
            _LAG.observe(max(time.time() - self._woken_for, 0))


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
        """A change was recorded here, a moment ago."""
        committed_at = time.time()
        self._wake(session_id, sequence, committed_at)
        self._tell(f"{session_id} {sequence} {committed_at:.3f}")

    def hear(self, told: str) -> None:
        """A change was recorded somewhere."""
        try:
            session_id, sequence, committed_at = told.split(" ")
            self._wake(UUID(session_id), int(sequence), float(committed_at))
        except ValueError:
            log.warning("announcement not understood")

    async def look_for_ever(
        self, sequences: Callable[[Collection[UUID]], Awaitable[Iterable[tuple[UUID, int, datetime]]]]
    ) -> None:
        """Finds out what nobody told: another process died before it could, or the connection was lost."""
        while True:
            await asyncio.sleep(LOOKING_SECONDS)
            watched = list(self._waiting)
            try:
                for start in range(0, len(watched), LOOKED_FOR_MAX):
                    for session_id, sequence, recorded_at in await sequences(watched[start : start + LOOKED_FOR_MAX]):
                        self._wake(session_id, sequence, recorded_at.timestamp())
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                log.warning("watched sessions not looked at", error=type(error).__name__)

    def _wake(self, session_id: UUID, sequence: int, committed_at: float) -> None:
        for watch in self._waiting.get(session_id, ()):
            watch.wake(sequence, committed_at)
