"""Has pictures read in another process, since the libraries that decode them have a history of memory errors."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock, Timer
from time import monotonic
from typing import Any

from services.codec.domain import ImageTooLarge, ImageUnreadable
from services.runtime.log import log
from services.runtime.refusals import ServiceUnavailable

READING_SECONDS_MAX = 3.0
# Each may be 8 MiB; whoever comes later is asked to come again.
PICTURES_WAITING_MAX = 16
_STARTING_SECONDS_MAX = 30.0
_ANSWER_BYTES_MAX = 128 * 1024
# Nothing else of the environment: it holds secrets that a picture must never come near.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ")
_REFUSALS = {refusal.reason: refusal for refusal in (ImageTooLarge, ImageUnreadable)}


@dataclass(frozen=True)
class Look:
    """How long a process may look at a picture, with how many of the readers, and how often it may die of it."""

    seconds_max: float = READING_SECONDS_MAX
    cpu_seconds_max: float = READING_SECONDS_MAX
    readers_max: int = 99
    tries: int = 2


class NotSeen(ImageUnreadable):
    """The look did not end. The file may be a good picture."""


class _Died(Exception):
    """The process ended without an answer."""


class ReadingProcess:
    """A process, and the one thread that talks to it: pictures are read one after another.

    A picture that takes too long, or that the process dies of twice, is NotSeen. The next one gets a new process.
    """

    def __init__(self, look: Look = Look()) -> None:
        self._waiting = 0
        self._look = look
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="picture-reader")
        self._process: subprocess.Popen[bytes] | None = None
        self._readers: list[str] = []
        self._closing = Lock()
        self._closed = False

    def warm_up(self) -> None:
        """Starts the process without waiting for it, so that the first picture need not wait either."""
        self._thread.submit(self._warm_up)

    async def texts_in(self, image: bytes) -> list[str]:
        """The distinct texts of the QR codes in a file, two at most. Raises a refusal."""
        if self._waiting >= PICTURES_WAITING_MAX:
            raise ServiceUnavailable
        self._waiting += 1
        try:
            # A caller that gives up leaves the queue; a picture that has begun is read to its end all the same.
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._texts_in, image)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        with self._closing:
            self._closed = True
            if process := self._process:
                process.kill()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        self._end()

    def _warm_up(self) -> None:
        self._started()
        if "zbar" not in self._readers:
            log.warning("zbar is missing, so some pictures stay unread; install libzbar0")

    def _texts_in(self, image: bytes) -> list[str]:
        began = monotonic()
        for _ in range(self._look.tries):
            try:
                answer = _ask(self._started(), image, self._look.seconds_max)
            except _Died:
                log.warning("picture reader died", status=self._end())
                if monotonic() - began >= self._look.seconds_max:
                    break
            else:
                if "refused" in answer:
                    raise _REFUSALS[answer["refused"]]
                return [str(text) for text in answer["texts"]]
        raise NotSeen

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            with self._closing:
                if self._closed:
                    raise RuntimeError("the picture reader was closed")
                self._process = _start(self._look)
            try:
                with _killed_after(self._process, _STARTING_SECONDS_MAX):
                    self._readers = _receive(self._process)["readers"]
            except _Died:
                status = self._end()
                if not self._closed:
                    log.error("picture reader does not start", status=status)
                raise RuntimeError("the picture reader does not start") from None
            log.info("picture reader started", readers=self._readers)
        return self._process

    def _end(self) -> int | None:
        """Makes sure that the process has ended and returns its exit status."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]  # Both are pipes.
        return process.wait()


def texts_in(image: bytes) -> list[str]:
    """The same for whoever has one picture to read: in a process for it alone."""
    process = _start(Look())
    try:
        with _killed_after(process, _STARTING_SECONDS_MAX):
            _receive(process)
        answer = _ask(process, image, READING_SECONDS_MAX)
    except _Died:
        raise ImageUnreadable from None
    finally:
        process.kill()
        process.communicate()
    if "refused" in answer:
        raise _REFUSALS[answer["refused"]]
    return [str(text) for text in answer["texts"]]


def environment() -> dict[str, str]:
    """What a process beside this one is told."""
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**known, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


def _start(look: Look) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  Nothing in it comes from outside.
        [
            *(sys.executable, "-P", "-m", f"{__package__}.reading_worker"),
            *map(str, (look.seconds_max + 1, look.cpu_seconds_max, look.readers_max)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        start_new_session=True,  # So that Ctrl-C in a terminal reaches only the one who closes it properly.
    )


def _ask(process: subprocess.Popen[bytes], image: bytes, seconds_max: float) -> dict[str, Any]:
    assert process.stdin
    with _killed_after(process, seconds_max):
        try:
            process.stdin.write(b"%d\n" % len(image))
            process.stdin.write(image)
            process.stdin.flush()
        except BrokenPipeError:
            raise _Died from None
        return _receive(process)


def _receive(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline(_ANSWER_BYTES_MAX)
    if not line.endswith(b"\n"):
        raise _Died
    answer: dict[str, Any] = json.loads(line)
    return answer


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    timer = Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
