"""`counterfoil archive` on the databases that the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from client.cli import counterfoil
from services.runtime import log


@pytest.fixture(autouse=True)
def _log_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loggers keep the configuration that they meet first, and other tests of this process capture what is logged."""
    monkeypatch.setattr(log, "configure", lambda _settings: None)


def archive(exit_code: int = 0, **settings: str) -> Result:
    environment = {f"COUNTERFOIL_{name.upper()}": value for name, value in settings.items()}
    result = CliRunner().invoke(counterfoil, ["archive"], env=environment)
    assert result.exit_code == exit_code, result.output
    return result


def test_where_nothing_is_due_no_file_is_made(tmp_path: Path) -> None:
    done = archive(data_dir=str(tmp_path / "var"), retention_days="1", archive_dir=str(tmp_path / "archive"))

    assert done.stderr.splitlines()[-1] == "0 sessions archived and deleted"
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({}, "RETENTION_DAYS"), ({"retention_days": "30"}, "ARCHIVE_DIR"), ({"archive_dir": "x"}, "RETENTION_DAYS")],
)
def test_nothing_is_deleted_unless_both_settings_say_so(tmp_path: Path, settings: dict[str, str], missing: str) -> None:
    refused = archive(2, data_dir=str(tmp_path), **settings)

    assert refused.stderr.splitlines()[-1].startswith(f"counterfoil: COUNTERFOIL_{missing}: missing")


def test_less_than_a_day_is_refused_since_retries_rely_on_it(tmp_path: Path) -> None:
    refused = archive(2, data_dir=str(tmp_path), retention_days="0", archive_dir="x").stderr

    assert refused.startswith("counterfoil: COUNTERFOIL_RETENTION_DAYS: ")
