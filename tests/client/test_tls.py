"""The command against a gateway that speaks TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.client.conftest import Command
from tests.processes import Program


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("gateway")
    with Program.start("gateway", directory, http_listen="off", **authority.public()) as program:
        yield program.address


def test_a_payment_goes_over_tls_to_an_authority_that_is_named(server: str, authority: Authority) -> None:
    command = Command(f"https://{server}")
    made = command.json("request", "120", "EUR", "--payee", "Ana", "--ca", str(authority.file))
    assert made["text"]

    command.environment["COUNTERFOIL_CA"] = str(authority.file)
    assert command.json("session", made["session"]["id"])["session"]["status"] == "SESSION_STATUS_PENDING"


def test_an_unknown_authority_ends_it_with_a_sentence(server: str) -> None:
    ended = Command(f"https://{server}").run("request", "120", "EUR", "--payee", "Ana", exit_code=4)
    assert "is of no authority trusted here" in ended.stderr


def test_a_file_without_an_authority_is_a_usage_error(server: str, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    given = ("request", "120", "EUR", "--payee", "Ana", "--ca", str(tmp_path / "ca.pem"))
    assert f"--ca {tmp_path}/ca.pem: " in Command(server).run(*given, exit_code=2).stderr


def test_what_is_no_server_is_a_usage_error() -> None:
    ended = Command("ftp://pay.example.org").run("request", "120", "EUR", "--payee", "Ana", exit_code=2)
    assert "give HOST:PORT, https://HOST:PORT" in ended.stderr
