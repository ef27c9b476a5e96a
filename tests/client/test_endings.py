"""How commands end: codes for scripts, one line for people, and never a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.failures import printable
from tests.client.conftest import Command
from tests.processes import Program

COUNTERFOIL = [sys.executable, "-c", "from client.cli import main; main()"]
COMMANDS = [
    *("request", "acknowledge", "reject", "cancel"),
    *("claim", "decode", "qr", "session", "watch"),
    *("demo", "serve", "sessions"),
    *("credential", "did", "key", "archive", "migrate"),
]
A_SESSION = "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"


@pytest.mark.parametrize(
    "arguments",
    [
        ["session", "no-id"],
        ["request", "120", "EUR"],
        ["request", "120", "EUR", "--payee", "Ana", "--expires-in", "soon"],
        ["request", "120", "EUR", "--payee", "Ana", "--method", "SEPA:iban"],
        ["request", "120", "EUR", "--payee", "Ana", "--qr", "picture.gif"],
        ["request", "120", "EUR", "--payee", "\udcff"],
        ["claim", A_SESSION, "70", "--method", "SEPA", "--custom-method", "cash"],
        ["cancel", A_SESSION, "--token-file", "missing"],
        ["--timeout", "nan", "session", A_SESSION],
        ["unknown"],
    ],
)
def test_wrong_usage_ends_with_2(command: Command, arguments: list[str]):
    assert command.run(*arguments, exit_code=2).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["session", A_SESSION], "SESSION_NOT_FOUND"),
        (["request", "1e5", "EUR", "--payee", "Ana"], "INVALID_AMOUNT"),
        (["request", "5", "EURO", "--payee", "Ana"], "UNKNOWN_CURRENCY"),
        (["request", "5", "EUR", "--payee", "\x1b[31mAna"], "INVALID_TEXT"),
        (["request", "5", "EUR", "--payee", "Ana", "--expires-in", "1s"], "EXPIRY_OUT_OF_RANGE"),
        (["sessions"], "OPERATOR_TOKEN_WRONG"),
    ],
)
def test_a_refusal_ends_with_3_and_its_reason_in_one_line(command: Command, arguments: list[str], reason: str):
    command.environment["COUNTERFOIL_OPERATOR_TOKEN"] = "guess"

    result = command.run(*arguments, exit_code=3)

    assert result.stdout == ""
    assert result.stderr.startswith("counterfoil: ")
    assert result.stderr.endswith(f"[{reason}]\n")
    assert result.stderr.count("\n") == 1


def test_no_server_ends_with_4_and_says_how_to_try_again():
    nowhere = Command("127.0.0.1:1")

    result = nowhere.run("request", "120", "EUR", "--payee", "Ana", "--request-id", A_SESSION, exit_code=4)

    assert "counterfoil serve" in result.stderr
    assert f"--request-id {A_SESSION}" in result.stderr
    nowhere.run("watch", A_SESSION, "--timeout", "0.5", exit_code=4)


def test_options_before_and_after_the_command_are_the_same(command: Command):
    session = command.requested()["session"]["id"]
    server, command.server = command.server, "127.0.0.1:1"

    command.run("--server", server, "session", session, "--json")
    command.run("session", session, "--server", server)


def test_a_picture_that_cannot_be_written_loses_no_message(command: Command):
    result = command.run("request", "120", "EUR", "--payee", "Ana", "--qr", "missing/request.png", exit_code=2)

    assert "missing/request.png: no such file" in result.stderr
    command.run("decode", result.stdout)


def test_a_reader_that_stops_reading_is_no_error(gateway: Program):
    reading = start("--server", gateway.address, "request", "120", "EUR", "--payee", "Ana")
    assert reading.stdout
    reading.stdout.close()

    assert reading.wait(30) == 141
    assert "Traceback" not in errors(reading)


def test_an_interrupted_command_ends_with_130(command: Command, gateway: Program):
    session = command.requested()["session"]["id"]
    watching = start("--server", gateway.address, "watch", session)
    assert watching.stdout
    assert watching.stdout.readline().startswith("1  pending")

    watching.send_signal(signal.SIGINT)

    assert watching.wait(30) == 130
    assert errors(watching).strip() == ""


def test_help_names_every_command_without_loading_grpc():
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", *COUNTERFOIL[1:], "--help"], capture_output=True, text=True
    )

    assert shown.returncode == 0
    assert all(f"\n  {name} " in shown.stdout for name in COMMANDS)
    assert "Exit codes:" in shown.stdout
    assert not any(f" {package}\n" in shown.stderr for package in ("grpc", "rich", "google.protobuf", "pydantic"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str):
    assert f" {name} [OPTIONS]" in Command("").run(name, "--help").stdout


def test_a_part_that_is_not_installed_is_named(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "services.codec.qr_drawing", None)
    monkeypatch.setitem(sys.modules, "gateway.__main__", None)

    assert "counterfoil[all]" in command.run("qr", "text", exit_code=2).stderr
    assert "counterfoil[all]" in command.run("serve", exit_code=2).stderr


@given(st.text())
def test_what_is_printed_of_a_stranger_steers_no_terminal(text: str):
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in printable(text))
    assert not any(char in printable(text) for char in "\u202e\u2066\u200b\ufeff")


def test_serve_runs_everything_until_it_is_told_to_stop(tmp_path: Path):
    for arguments, greeting in ([], "Counterfoil listens on 127.0.0.1:"), (["codec"], "Counterfoil codec listens on "):
        serving = start("serve", *arguments, directory=tmp_path)
        assert serving.stdout
        assert greeting in serving.stdout.readline()

        serving.send_signal(signal.SIGTERM)

        assert serving.wait(30) == 0
        assert "Traceback" not in errors(serving)


def start(*arguments: str, directory: Path | None = None) -> subprocess.Popen[str]:
    listening = {f"COUNTERFOIL_{name}_LISTEN": "127.0.0.1:0" for name in ("GATEWAY", "CODEC", "HTTP")}
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [*COUNTERFOIL, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": root, **listening},
    )


def errors(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    if process.stdout:
        process.stdout.close()
    with process.stderr as stream:
        return stream.read()
