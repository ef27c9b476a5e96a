"""Lines in files that only their owner can read, on disk before anything that follows from it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from services.runtime.directories import make_directory, sync_directory


class Archive:
    """A new file of its own, made with its first lines: whoever copies finished ones copies whole ones."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: BinaryIO | None = None

    def add(self, lines: Iterable[str]) -> None:
        """They are on disk when this returns. After an OSError the file is to be closed."""
        if self._file is None:
            self._file = self._new_file()
        self._file.writelines(f"{line}\n".encode() for line in lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _new_file(self) -> BinaryIO:
        make_directory(self._directory)
        name = f"sessions-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(4)}.jsonl"
        opened = os.open(self._directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        sync_directory(self._directory)
        return os.fdopen(opened, "wb")
