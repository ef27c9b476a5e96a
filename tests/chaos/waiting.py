"""Looking again and again, where nobody tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LOOKING_SECONDS = 0.01


async def until(holds: Callable[[], bool], seconds_max: float | None = None) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(seconds_max):
        while not holds():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(LOOKING_SECONDS)
