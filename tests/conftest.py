"""Fixtures that every test may use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pydantic import SecretStr

from services.runtime.settings import Settings
from tests.postgres import Postgres, postgres

for _name in [name for name in os.environ if name.startswith("COUNTERFOIL_") and name != "COUNTERFOIL_VECTORS"]:
    del os.environ[_name]

# A job in the background of a shell is born deaf to Ctrl-C, and so would be the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes depends on what else the machine does; tests that bound time measure processor time.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults on a free port, with everything under a directory of the test's own."""
    return Settings(data_dir=tmp_path / "var", gateway_listen="127.0.0.1:0", log_level="error")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings for an empty database, once of each kind."""
    if request.param == "sqlite":
        return settings
    url = request.getfixturevalue("postgres_server").fresh()
    return settings.model_copy(update={"database_url": SecretStr(url)})
