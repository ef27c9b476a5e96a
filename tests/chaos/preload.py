"""Programs whose clock can be set and whose disk can be made slow while they run."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

_SOURCE = Path(__file__).with_name("preload.c")
_ASKED = """
import os, time
began = time.monotonic()
os.fsync(os.open(os.environ["CHAOS_CONTROL"], os.O_RDONLY))
print(time.time(), time.monotonic() - began)
"""


class Missing(Exception):
    """Says what there has to be."""


class Preload:
    """The library, made once with the C compiler. Raises Missing where there is none, or where it has no effect."""

    def __init__(self, directory: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise Missing("no C compiler here (on Debian and Ubuntu: apt install gcc)")
        self._library = directory / "preload.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", self._library, _SOURCE], check=True)
        self._check(Control(directory / "trial"))

    def environment(self, control: Control) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "CHAOS_CONTROL": str(control.path)}

    def _check(self, control: Control) -> None:
        control.set(clock_seconds=-1000, sync_seconds=0.1)
        asked = subprocess.run(
            [sys.executable, "-c", _ASKED],
            env={**os.environ, **self.environment(control)},
            check=True,
            capture_output=True,
            text=True,
        )
        told, waited = map(float, asked.stdout.split())
        if not (990 < time.time() - told < 1010 and 0.1 < waited < 10):
            raise Missing("LD_PRELOAD has no effect on this Python")


class Control:
    """What one program, or several, believe of the clock and of the disk. A file that they all have mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        path.chmod(0o644)  # PostgreSQL runs as another user.
        self.set()

    def set(self, *, clock_seconds: float = 0, sync_seconds: float = 0) -> None:
        with self.path.open("r+b") as file:
            file.write(struct.pack("=qq", int(clock_seconds), int(sync_seconds * 1_000_000)))
