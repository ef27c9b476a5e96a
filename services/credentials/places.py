"""Places in status lists for credentials to come, reserved some at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from services.credentials.status_lists import Place

# So that the transaction that keeps a credential need not look for a place. Those left over when the process ends stay
# unused: a list has three thousand times as many.
AT_ONCE = 32


class PlaceStore(Protocol):
    async def reserve(self, issuer: str, count: int, at: datetime) -> list[Place]:
        """Random places of nobody in one of the issuer's lists, so many at most."""
        ...


class Places:
    def __init__(self, store: PlaceStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._free: defaultdict[str, deque[Place]] = defaultdict(deque)
        self._reserving = asyncio.Lock()

    async def take(self, issuer: str) -> Place:
        free = self._free[issuer]
        while not free:
            async with self._reserving:
                if not free:
                    free.extend(await self._store.reserve(issuer, AT_ONCE, self._now()))
        return free.popleft()

    def give_back(self, issuer: str, place: Place) -> None:
        """Of a credential that was not kept: nobody has seen it."""
        self._free[issuer].append(place)
