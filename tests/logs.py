"""What is logged, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.runtime.log import Fields, log


@contextmanager
def captured() -> Iterator[list[dict[str, Any]]]:
    """The lines that are told meanwhile: their fields, the event and the level."""
    lines: list[dict[str, Any]] = []

    def keep(level: str, event: str, fields: Fields) -> str:
        lines.append({"event": event, "level": level, **fields})
        return event

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "shape", keep)
        yield lines
