"""One error table for both faces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.http.problems import http_status

ROOT = Path(__file__).parents[3]
TABLE = re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| (\d+) \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("reason", "code", "status"), TABLE)
def test_every_reason_has_the_status_of_the_table(reason: str, code: str, status: str) -> None:
    assert http_status(code, reason) == int(status)
