"""The process that opens pictures from strangers: few rights, little memory, and killed when it takes too long.

Its arguments are the seconds and the processor seconds that a picture may take, and how many readers look at it.

It is asked on standard input with a line that holds the picture's size in bytes, followed by the picture, and answers
on standard output with a line of JSON. When its input ends, it ends. It imports no gRPC and knows no secret.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from io import BytesIO
from typing import Any

from PIL import Image

from services.codec.qr_reading import READERS, texts_in
from services.runtime.refusals import Refusal

MEMORY_BYTES_MAX = 1536 * 1024 * 1024


def main() -> None:
    # What a native library prints must not end up between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _give_up_rights()
    seconds_max, cpu_seconds_max, readers_max = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    _read_something()
    _send(answers, {"readers": list(READERS)})
    while size := sys.stdin.buffer.readline():
        image = sys.stdin.buffer.read(int(size))
        # The alarm kills without asking Python, which a native library that hangs would never return to. The one who
        # asks kills as well, but may itself be gone.
        signal.setitimer(signal.ITIMER_REAL, seconds_max)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds_max)
        answer = _answer(image, readers_max)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, answer)


def _answer(image: bytes, readers_max: int) -> dict[str, Any]:
    try:
        return {"texts": texts_in(image, readers_max)[:2]}  # A second text already refuses the picture.
    except Refusal as refusal:
        return {"refused": refusal.reason}


def _give_up_rights() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _read_something() -> None:
    """Loads what Pillow and the readers load at first use, so that the first picture does not wait for it."""
    file = BytesIO()
    Image.new("L", (64, 64)).save(file, "PNG")
    texts_in(file.getvalue())


def _send(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
