"""How much is measured, and where the databases are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    directory: Path
    # How long a turn is, and how many each side has.
    seconds: float
    rounds: int
    # How many ask at a time.
    clients: tuple[int, ...]
    database_url: str | None
