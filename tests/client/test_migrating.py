"""The tables of both kinds of database, as an operator brings them up to date and back."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from client.cli import counterfoil
from services.runtime.settings import Settings


@pytest.fixture
def environment(database_settings: Settings) -> dict[str, str]:
    url = database_settings.database_url
    return {
        "COUNTERFOIL_DATA_DIR": str(database_settings.data_dir),
        "COUNTERFOIL_DATABASE_URL": url.get_secret_value() if url else "",
    }


def migrate(environment: dict[str, str], *arguments: str, exit_code: int = 0, input: str = "") -> Result:
    result = CliRunner().invoke(counterfoil, ["migrate", *arguments], env=environment, input=input)
    assert result.exit_code == exit_code, result.output
    return result


def test_tables_go_up_and_one_revision_back(environment: dict[str, str]) -> None:
    states = [line.split()[0] for line in migrate(environment, "status").stdout.splitlines()]
    assert set(states) == {"missing"}

    assert "applied: sessions sessions_0001" in migrate(environment, "up").stderr
    assert "sessions: nothing is missing" in migrate(environment, "up").stderr

    taken_back = migrate(environment, "down", "sessions", "--yes").stderr.split()[3]
    after = [line.split() for line in migrate(environment, "status").stdout.splitlines()]
    assert [line[2] for line in after if line[0] == "missing"] == [taken_back]


def test_going_back_asks_first(environment: dict[str, str]) -> None:
    migrate(environment, "up")
    before = migrate(environment, "status").stdout

    assert "lose what was kept" in migrate(environment, "down", "sessions", input="n\n", exit_code=130).stderr
    assert migrate(environment, "status").stdout == before


def test_what_cannot_be_taken_back_is_said(environment: dict[str, str]) -> None:
    assert "nothing to take back" in migrate(environment, "down", "sessions", "--yes", exit_code=2).stderr
    assert "credentials, sessions" in migrate(environment, "down", "codec", "--yes", exit_code=2).stderr


def test_a_database_that_cannot_be_reached_is_one_line() -> None:
    environment = {"COUNTERFOIL_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}

    refused = migrate(environment, "status", exit_code=2).stderr
    assert refused.startswith("counterfoil: COUNTERFOIL_DATABASE_URL: ")
    assert refused.count("\n") == 1
