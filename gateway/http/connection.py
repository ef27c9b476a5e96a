"""A connection that does not wait for ever: whoever opens one, or begins a request, has to go on."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS_MAX = 10.0
# Longer than a proxy in front keeps one without using it (nginx and others: 60 s), or it would send requests into
# connections that we have just closed.
KEEP_ALIVE_SECONDS = 75
# With more than half of the connections taken, they are worth more to others.
KEEP_ALIVE_SECONDS_WHEN_FULL = 5


class Connection(H11Protocol):
    """uvicorn's, which by itself bounds the pauses between requests, but not the time that a request's head takes.

    The time that a body takes belongs to the call's deadline. What arrives after the answer is dropped, for as long as
    a head may take.
    """

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_idle():
            self._expect_head()
        else:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        is_full = 2 * len(self.connections) > (self.limit_concurrency or 0)
        self.timeout_keep_alive = KEEP_ALIVE_SECONDS_WHEN_FULL if is_full else KEEP_ALIVE_SECONDS
        super().on_response_complete()
        if self._is_idle() and self.conn.trailing_data[0]:
            self._expect_head()  # The next one has begun already.

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return cast(Any, self.cycle) is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS_MAX, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()
