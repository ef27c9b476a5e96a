"""Answers that last: changes of a session for as long as somebody listens and this process runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from counterfoil.payments.v1 import payments_service_pb2 as pb
from gateway.flows import Payments
from gateway.watching import Watchers
from services.runtime.interceptors import Interceptors


class Streams:
    """All that last, so that they can be ended when the process stops: their clients resume elsewhere."""

    def __init__(self, deadline_seconds_max: float, watchers_max: int) -> None:
        # Those over HTTP, each of which takes a connection.
        self.watchers = Watchers(watchers_max)
        # Those of the gRPC methods.
        self.rpc = Interceptors(deadline_seconds_max, logged=False)
        self._waiting: set[asyncio.Task[pb.WatchSessionResponse]] = set()
        self._ended = False

    def end(self) -> None:
        self._ended = True
        self.rpc.end_streams()
        for task in self._waiting:
            task.cancel()

    async def watch(
        self, payments: Payments, request: pb.WatchSessionRequest, *, silent_seconds: float
    ) -> AsyncIterator[pb.WatchSessionResponse | None]:
        """Every change; None after each so many seconds without one. Ends with the process, and not by itself."""
        with self.watchers.one_more():
            changes = payments.watch_session(request)
            while not self._ended:
                next_change = asyncio.ensure_future(anext(changes))
                self._waiting.add(next_change)
                try:
                    while not (await asyncio.wait({next_change}, timeout=silent_seconds))[0]:
                        yield None
                finally:
                    self._waiting.discard(next_change)
                    next_change.cancel()
                if next_change.cancelled():
                    return
                yield next_change.result()

    def check(self, payments: Payments) -> None:
        """Raises Overloaded where one more would be too many, which is too late once an answer has begun."""
        self.watchers.check()
        payments.watchers.check()
