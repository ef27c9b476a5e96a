"""What was answered is on the disk, not only in the memory of the machine in front of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_crash import live_and_die
from tests.faults.traffic import DyingGateway
from tests.processes import Start

CUTS = 5
# Long enough for the log to be moved into the database in between.
LIFE_SECONDS_MAX = 1.5
DISK_BYTES = 1 << 30
# The file system writes nothing of its own accord while a test lasts.
IDLE = "loop,commit=300"


class Disk:
    """A file system in a file: what is not synced yet never gets there."""

    def __init__(self, image: Path, directory: Path) -> None:
        self._image = image
        self._directory = directory
        directory.mkdir()
        with image.open("wb") as file:
            file.truncate(DISK_BYTES)
        self._run("mkfs.ext4", "-q", str(image))
        self._mount()

    def lose_power(self) -> None:
        """The programs on it were killed; now the machine forgets what it has not written."""
        left = self._image.with_suffix(".left")
        self._run("cp", "--sparse=always", str(self._image), str(left))
        self._run("umount", str(self._directory))
        left.replace(self._image)
        self._mount()

    def remove(self) -> None:
        self._run("umount", str(self._directory))
        self._image.unlink()

    def _mount(self) -> None:
        self._run("mount", "-o", IDLE, str(self._image), str(self._directory))

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() or not shutil.which("mkfs.ext4") or not Path("/dev/loop-control").exists():
        pytest.skip("a disk of its own takes root, mkfs.ext4 and loop devices")
    disk = Disk(tmp_path / "image", tmp_path / "var")
    yield disk
    disk.remove()


@pytest.mark.slow
async def test_nothing_answered_is_lost_or_there_twice_when_the_power_goes(
    disk: Disk, launch: Start, tmp_path: Path, chance: random.Random
) -> None:
    await live_and_die(DyingGateway(launch), tmp_path, chance, CUTS, LIFE_SECONDS_MAX, disk.lose_power)
