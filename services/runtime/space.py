"""What callers may make a process hold at once. Who comes when it is full waits, and whoever is slowest makes room."""

from __future__ import annotations

import asyncio
from types import TracebackType

from services.runtime.refusals import Overloaded

# Too little to be counted.
SMALL_BYTES_MAX = 16 * 1024
WAITING_SECONDS_MAX = 5.0
WAITING_MAX = 1000


class Space:
    """So many bytes, in places: `async with space.place(size) as place`, and `place.arrived()` once all is here.

    While one waits, what is arriving has `patience_seconds`; while many wait, a share of it, down to the least. So
    behind any number of callers that send nothing one waits that long and no longer.
    """

    def __init__(
        self,
        bytes_max: int,
        *,
        patience_seconds: float = 0,
        patience_seconds_min: float = 0,
        waiting_seconds_max: float = WAITING_SECONDS_MAX,
    ) -> None:
        self._left = bytes_max
        self._seconds_max = waiting_seconds_max
        self._patience = patience_seconds
        self._patience_min = patience_seconds_min
        # Those that others may be let in for, the longest first.
        self._arriving: dict[Place, float] = {}
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    def place(self, size: int) -> Place:
        return Place(self, size)

    async def take(self, place: Place) -> None:
        if not place.size:
            return
        if self._waiting or place.size > self._left:
            await self._wait_for(place.size)
        self._left -= place.size
        self._arriving[place] = asyncio.get_running_loop().time()

    def settle(self, place: Place) -> None:
        """It is here whole: nobody waits for more of it, nor may anybody push it out."""
        self._arriving.pop(place, None)

    def give_back(self, place: Place) -> None:
        self.settle(place)
        self._left += place.size
        place.size = 0
        self._freed.set()

    async def _wait_for(self, size: int) -> None:
        if self._waiting >= WAITING_MAX or not self._seconds_max:
            raise Overloaded
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds_max), self._turn:
                while size > self._left:
                    await self._make_room()
        except TimeoutError:
            raise Overloaded from None
        finally:
            self._waiting -= 1

    async def _make_room(self) -> None:
        patience = max(self._patience / self._waiting, self._patience_min)
        slowest, since = next(iter(self._arriving.items()), (None, 0.0))
        left = since + patience - asyncio.get_running_loop().time()
        if slowest and left <= 0:
            slowest.push_out()
            return
        self._freed.clear()
        # Whoever comes to wait in the meantime shortens the patience.
        await asyncio.wait({freed := asyncio.ensure_future(self._freed.wait())}, timeout=min(max(left, 0.01), 0.05))
        freed.cancel()


class Place:
    def __init__(self, space: Space, size: int) -> None:
        self.size = size
        self._space = space
        self._task: asyncio.Task[object] | None = None
        self._pushed_out = False

    def arrived(self) -> None:
        self._space.settle(self)

    def push_out(self) -> None:
        assert self._task
        self._pushed_out = True
        self._space.give_back(self)
        self._task.cancel()

    async def __aenter__(self) -> Place:
        self._task = asyncio.current_task()
        await self._space.take(self)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self._space.give_back(self)
        if self._pushed_out and self._task and not self._task.uncancel():
            raise Overloaded from None
