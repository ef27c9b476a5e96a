"""A disk of its own for the data, small enough to be filled."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.chaos.preload import Missing

_STEP = 1 << 20


class SmallDisk:
    """Raises Missing where nothing may be mounted."""

    def __init__(self, directory: Path, size_bytes: int) -> None:
        directory.mkdir()
        options = f"size={size_bytes},mode=755"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "counterfoil-chaos", directory], check=False, capture_output=True
        )
        if mounted.returncode:
            raise Missing("no disk can be mounted here; that takes root")
        self._directory = directory
        self._filling = directory / "filling"

    def fill(self) -> None:
        """To the last byte."""
        with self._filling.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(_STEP))

    def empty(self) -> None:
        self._filling.unlink(missing_ok=True)

    def bytes_used(self) -> int:
        found = os.statvfs(self._directory)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self._directory], check=False)
