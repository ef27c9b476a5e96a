"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from services.runtime.settings import Settings

for _name in [name for name in os.environ if name.startswith("COUNTERFOIL_") and name != "COUNTERFOIL_VECTORS"]:
    del os.environ[_name]

# How long one example takes depends on what else the machine does; tests that bound time measure processor time.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults on a free port, with everything under a directory of the test's own."""
    return Settings(data_dir=tmp_path / "var", gateway_listen="127.0.0.1:0", log_level="error")
