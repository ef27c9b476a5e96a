"""Names are on disk where the file system can do that, and where its disk fails nobody goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from services.runtime.directories import make_directory


def fails(number: int) -> None:
    raise OSError(number, os.strerror(number))


def test_a_file_system_that_syncs_no_directories_is_taken_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: fails(errno.EINVAL))
    make_directory(tmp_path / "deep" / "deeper")

    assert (tmp_path / "deep" / "deeper").is_dir()


def test_a_disk_that_fails_stops_what_relies_on_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: fails(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        make_directory(tmp_path / "deep")
