"""The official test vectors, which are not part of this repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
VECTORS = Path(os.environ.get("COUNTERFOIL_VECTORS", _ROOT / ".." / "shared" / "vectors"))

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="no official vectors: set COUNTERFOIL_VECTORS to the directory that holds them"
)


def text(*path: str) -> str:
    return VECTORS.joinpath(*path).read_text(encoding="utf-8")


def values(*path: str) -> Any:
    return json.loads(text(*path))
