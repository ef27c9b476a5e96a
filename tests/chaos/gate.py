"""Lets clients work, or has them all wait between two calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._nobody_inside = asyncio.Event()
        self._nobody_inside.set()
        self._inside = 0

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[None]:
        """For as long as one call takes, with everything that is tried for its sake."""
        await self._open.wait()
        self._inside += 1
        self._nobody_inside.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._nobody_inside.set()

    @asynccontextmanager
    async def closed(self, seconds: float) -> AsyncIterator[None]:
        """Nobody works in here. Raises TimeoutError when somebody takes longer than that to come out."""
        self._open.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._nobody_inside.wait()
            yield
        finally:
            self._open.set()
