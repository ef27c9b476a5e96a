"""Two looks at a picture, so that a hostile one costs others little: a glance, and a thorough look at what it misses.

The glance is that of the reader which finds most codes, and of no more processor time than it takes for the largest
photo. A picture made to take the readers seconds takes them in a process that only waits on its like.
"""

from __future__ import annotations

import asyncio

from services.codec.reading_process import Look, NotSeen, ReadingProcess

# A photo of 16 megapixels takes half of it.
GLANCE_CPU_SECONDS_MAX = 0.5


class PictureReaders:
    def __init__(self) -> None:
        self._glance = ReadingProcess(Look(cpu_seconds_max=GLANCE_CPU_SECONDS_MAX, readers_max=1, tries=1))
        self._thorough = ReadingProcess()

    def warm_up(self) -> None:
        """Starts the processes without waiting for them."""
        self._glance.warm_up()
        self._thorough.warm_up()

    async def texts_in(self, image: bytes) -> list[str]:
        """The distinct texts of the QR codes in a file, two at most. Raises a refusal."""
        try:
            if texts := await self._glance.texts_in(image):
                return texts
        except NotSeen:
            pass
        return await self._thorough.texts_in(image)

    async def close(self) -> None:
        await asyncio.gather(self._glance.close(), self._thorough.close())
