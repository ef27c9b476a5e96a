"""What callers may make a process hold at once. Who comes when it is full waits, and whoever is slowest makes room."""

from __future__ import annotations

import asyncio
from types import TracebackType

from services.runtime.refusals import Overloaded

# Too little to be counted.
SMALL_BYTES_MAX = 16 * 1024
# Ten thousand watchers may come at once.
WAITING_MAX = 20_000
# What is slow is looked at twice before it goes: its end may be here, and wait for the same loop as we do.
_LOOKING_SECONDS = 0.02


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
        waiting_seconds_max: float,
    ) -> None:
        self._left = bytes_max
        self._patience, self._patience_min = patience_seconds, patience_seconds_min
        self._seconds_max = waiting_seconds_max
        # Those that others may be let in for, with the time since when; the longest first.
        self._arriving: dict[Place, float] = {}
        self._waiting: dict[Place, asyncio.Future[None]] = {}
        self._looking: asyncio.TimerHandle | None = None

    def place(self, size: int) -> Place:
        return Place(self, size)

    async def take(self, place: Place) -> None:
        if not place.size:
            return
        if self._waiting or place.size > self._left:
            await self._wait(place)
        else:
            self._let_in(place)

    def settle(self, place: Place) -> None:
        """It is here whole: nobody waits for more of it, nor may anybody push it out."""
        self._arriving.pop(place, None)

    def give_back(self, place: Place) -> None:
        self.settle(place)
        self._left += place.size
        place.size = 0
        while self._waiting:
            first, let_in = next(iter(self._waiting.items()))
            if first.size > self._left:
                return
            del self._waiting[first]
            if not let_in.cancelled():  # It has given up, and does not know it yet.
                self._let_in(first)
                let_in.set_result(None)

    def _let_in(self, place: Place) -> None:
        self._left -= place.size
        self._arriving[place] = asyncio.get_running_loop().time()

    async def _wait(self, place: Place) -> None:
        if len(self._waiting) >= WAITING_MAX or not self._seconds_max:
            raise Overloaded
        let_in = self._waiting[place] = asyncio.get_running_loop().create_future()
        self._look_later()
        try:
            async with asyncio.timeout(self._seconds_max):
                await let_in
        except BaseException as error:
            self._waiting.pop(place, None)
            if not let_in.cancelled():  # It was let in at this very moment.
                self.give_back(place)
            if isinstance(error, TimeoutError):
                raise Overloaded from None
            raise

    def _look_later(self) -> None:
        self._looking = self._looking or asyncio.get_running_loop().call_later(_LOOKING_SECONDS, self._look)

    def _look(self) -> None:
        """Has those go that are too slow, as long as somebody waits."""
        self._looking = None
        now = asyncio.get_running_loop().time()
        for place, since in list(self._arriving.items()):
            if not self._waiting:
                return
            if now < since + max(self._patience / len(self._waiting), self._patience_min):
                break
            if place.is_slow:
                place.push_out()
            place.is_slow = True
        if self._waiting:
            self._look_later()


class Place:
    def __init__(self, space: Space, size: int) -> None:
        self.size = size
        self.is_slow = False
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
        try:
            await self._space.take(self)
        except asyncio.CancelledError:
            self._say_why()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self._space.give_back(self)
        self._say_why()

    def _say_why(self) -> None:
        if self._pushed_out and self._task and not self._task.uncancel():
            raise Overloaded from None
