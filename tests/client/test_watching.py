"""`counterfoil watch`: every change once, through a restart of the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.client.conftest import Command
from tests.processes import Program, a_lasting_address


def test_a_watcher_sees_each_change_until_the_money_is_there(command: Command):
    session = command.requested()["session"]["id"]
    watching = watch(command.server, session)
    assert seen(watching)["sequence"] == "1"

    claim = command.text("claim", session, "120")
    assert "claim" in seen(watching)["message"]
    command.run("acknowledge", claim)

    assert seen(watching)["session"]["status"] == "SESSION_STATUS_RECEIVED"
    assert watching.wait(30) == 0
    close(watching)


def test_a_watcher_begins_after_the_change_it_knows(command: Command):
    session = command.requested()["session"]["id"]
    command.run("acknowledge", command.text("claim", session, "120", "--payer", "Ben"))

    lines = command.run("watch", session, "--after", "1", "--until", "received").stdout.splitlines()

    assert lines == [
        "2  pending, 0.00 of 120.00 EUR: Ben says they paid 120.00 EUR",
        "3  received, 120.00 of 120.00 EUR: the payee received 120.00 EUR",
    ]


def test_a_watcher_goes_on_where_it_was_when_the_server_comes_back(tmp_path: Path):
    listening = {"gateway_listen": a_lasting_address(), "log_level": "error"}
    with Program.start("gateway", tmp_path, **listening) as server:
        command = Command(server.address)
        session = command.requested()["session"]["id"]
        watching = watch(server.address, session)
        assert seen(watching)["sequence"] == "1"
        server.stop()

    with Program.start("gateway", tmp_path, **listening):
        command.run("acknowledge", command.text("claim", session, "120"))
        assert [seen(watching)["sequence"] for _ in range(2)] == ["2", "3"]
        assert watching.wait(30) == 0
        assert "connection lost" in close(watching)


def watch(server: str, session: str) -> subprocess.Popen[str]:
    program = "from client.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "--json", "--server", server, "watch", session, "--until", "received"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def seen(watching: subprocess.Popen[str]) -> dict[str, Any]:
    assert watching.stdout
    change = json.loads(watching.stdout.readline())
    assert isinstance(change, dict)
    return change


def close(watching: subprocess.Popen[str]) -> str:
    """What it said beside its result."""
    assert watching.stdout
    assert watching.stderr
    watching.stdout.close()
    with watching.stderr as stream:
        return stream.read()
