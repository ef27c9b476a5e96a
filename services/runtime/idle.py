"""An event loop that tells when it has nothing to do, so that nobody asks it turn after turn.

While it is busy with calls, more of them may join a commit: one for two costs as much as one for fifty.
"""

from __future__ import annotations

import asyncio
import selectors


class _Selector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Is asked with a timeout other than 0 when no task can go on: then only what arrives is left to do."""
        if not self.waiting or timeout == 0:
            return super().select(timeout)
        events = super().select(0)
        if not events:
            waiting, self.waiting = self.waiting, []
            for each in waiting:
                _end(each)
        return events


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.idle = _Selector()
        super().__init__(self.idle)


async def until_idle(seconds_max: float) -> None:
    """Waits until the loop has nothing to do, at most that long; on another kind of loop, not at all."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, Loop):
        return
    waiting = loop.create_future()
    loop.idle.waiting.append(waiting)
    too_late = loop.call_later(seconds_max, _end, waiting)
    try:
        await waiting
    finally:
        too_late.cancel()


def _end(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
