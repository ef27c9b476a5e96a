"""Has QR codes drawn in another process: making a symbol holds the interpreter for as long as a whole request does."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress

from services.codec import qr_drawing
from services.codec.domain import QrFormat, TooLongForQr
from services.codec.drawing_worker import ANSWER, ASKED, FORMATS
from services.codec.reading_process import environment
from services.runtime.log import log

# Also when it has to be started, and many wait before: thousands of pictures.
DRAWING_SECONDS_MAX = 5.0


class DrawingProcess:
    """Starts with the first that is asked for, and draws one after another. Used from one event loop."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._starting = asyncio.Lock()
        self._answers: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[bytes]] = deque()

    async def draw(self, text: str, format: QrFormat) -> bytes:
        """A picture, as `qr_drawing.draw` makes it. Raises TooLongForQr."""
        try:
            async with asyncio.timeout(DRAWING_SECONDS_MAX):
                picture = await self._ask(text.encode(), format)
        except (OSError, _Died) as failure:
            if isinstance(failure, TimeoutError):  # It hangs.
                self._kill()
            return await asyncio.to_thread(qr_drawing.draw, text, format)
        if not picture:
            raise TooLongForQr
        return picture

    async def close(self) -> None:
        self._kill()
        if self._answers:
            await self._answers

    def _kill(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):  # It has died this moment.
                self._process.kill()

    async def _ask(self, text: bytes, format: QrFormat) -> bytes:
        stdin = (self._process or await self._start()).stdin
        assert stdin
        drawn: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(drawn)
        stdin.write(ASKED.pack(FORMATS.index(format), len(text)) + text)
        return await drawn

    async def _start(self) -> Process:
        async with self._starting:
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", f"{__package__}.drawing_worker"),
                    stdin=PIPE,
                    stdout=PIPE,
                    env=environment(),
                    start_new_session=True,  # So that Ctrl-C in a terminal reaches only the one who closes it properly.
                )
                self._answers = asyncio.create_task(self._read(self._process))
            return self._process

    async def _read(self, process: Process) -> None:
        assert process.stdout
        with suppress(asyncio.IncompleteReadError):
            while True:
                (size,) = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
                picture = await process.stdout.readexactly(size)
                drawn = self._waiting.popleft()
                if not drawn.done():  # Its caller went away.
                    drawn.set_result(picture)
        self._process = None
        while self._waiting:
            drawn = self._waiting.popleft()
            if not drawn.done():
                drawn.set_exception(_Died())
        log.info("drawing process ended", status=await process.wait())


class _Died(Exception):
    """The process ended without an answer."""
