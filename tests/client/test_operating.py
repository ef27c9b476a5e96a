"""`counterfoil key` and `credential revoke`: what the operator of a server does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.conftest import Command
from tests.processes import Program


@pytest.fixture(scope="module")
def own_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Path]]:
    """One whose keys nobody else needs, and whose credentials can be revoked."""
    folder = tmp_path_factory.mktemp("operated")
    program = Program.start("gateway", folder, log_level="error", public_url="https://pay.example.org")
    yield program, folder
    program.kill()


@pytest.fixture
def operator(own_gateway: tuple[Program, Path]) -> Command:
    program, folder = own_gateway
    return Command(program.address, {"COUNTERFOIL_DATA_DIR": str(folder / "var")})


def states(operator: Command) -> list[str]:
    return [line.split()[0] for line in operator.run("key", "list").stdout.splitlines()]


def test_keys_are_rotated_and_what_the_one_before_signed_still_holds(operator: Command):
    text = operator.text("request", "120", "EUR", "--payee", "Ana")
    before = operator.json("key", "list")["keys"]

    rotated = operator.run("key", "rotate", "--suite", "ecdsa-jcs-2019")

    name = rotated.stdout.strip()
    assert name.startswith("did:key:zDn")
    assert before[0]["verification_method"] in rotated.stderr
    listed = operator.run("key", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed][:2] == ["current", "retired"]
    assert listed[0].endswith(f"ecdsa-jcs-2019        {name}")
    operator.run("decode", text)


def test_a_key_on_p_384_writes_its_messages_as_classic(operator: Command):
    name = operator.run("key", "rotate", "--suite", "ecdsa-jcs-2019/P-384").stdout.strip()

    text = operator.text("request", "120", "EUR", "--payee", "Ana")

    assert name.startswith("did:key:z82L")
    assert not text.startswith("CF1")
    operator.run("decode", text)


def test_a_revoked_key_takes_what_it_signed_with_it(operator: Command):
    text = operator.text("request", "120", "EUR", "--payee", "Ana")
    name = operator.json("key", "list")["keys"][0]["verification_method"]

    operator.run("key", "revoke", name, input="n\n", exit_code=130)
    operator.run("decode", text)
    operator.run("key", "revoke", "--yes", name)

    assert states(operator)[:2] == ["current", "revoked"]
    assert "key_status         FAIL" in operator.run("decode", text, exit_code=1).stdout


def test_a_credential_is_revoked_by_the_message_that_it_signs(operator: Command):
    made = operator.json("request", "120", "EUR", "--payee", "Ana")

    for _ in range(2):
        done = operator.run("credential", "revoke", made["credential"]["message_id"])
        assert (done.stdout, done.stderr) == ("", f"Revoked: {made['credential']['message_id']}\n")

    assert "revocation         FAIL" in operator.run("decode", made["text"]).stdout
    operator.run("decode", "--accepted", made["text"], exit_code=1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["key", "revoke", "--yes", "did:key:z6Mk#z6Mk"], "KEY_NOT_FOUND"),
        (["credential", "revoke", "urn:nothing"], "CREDENTIAL_NOT_FOUND"),
        (["credential", "revoke", ""], ""),
    ],
)
def test_what_is_not_there_is_not_revoked(operator: Command, arguments: list[str], reason: str):
    assert f"[{reason}" in operator.run(*arguments, exit_code=3).stderr


@pytest.mark.parametrize("arguments", [["key", "list"], ["key", "rotate"], ["credential", "revoke", "x"]])
def test_it_takes_the_operators_token(command: Command, arguments: list[str]):
    assert "operator token" in command.run(*arguments, exit_code=2).stderr
    command.environment["COUNTERFOIL_OPERATOR_TOKEN"] = "guess"
    assert "[OPERATOR_TOKEN_WRONG]" in command.run(*arguments, exit_code=3).stderr


def test_the_commands_of_a_group_have_help():
    for name in ("key list", "key rotate", "key revoke", "credential verify", "credential revoke", "did resolve"):
        assert f" {name} [OPTIONS]" in Command("").run(*name.split(), "--help").stdout
