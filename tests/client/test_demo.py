"""`counterfoil demo` plays to its end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.client.conftest import Command
from tests.client.wallets import Person

ROOT = Path(__file__).parents[2]


def test_the_demo_plays_on_a_server_of_its_own_and_leaves_nothing(tmp_path: Path):
    played = subprocess.run(
        [sys.executable, "-c", "from client.cli import main; main()", "demo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "COLUMNS": "80"},
        timeout=120,
    )

    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    assert list(tmp_path.iterdir()) == []
    check(played.stdout)


def test_the_demo_plays_on_a_server_that_runs(command: Command):
    shown = command.run("demo", "--png", "receipt.png").stdout

    check(shown)
    assert max(map(len, shown.splitlines())) <= 80
    assert "the payee received 70.00 EUR" in command.run("decode", "receipt.png").stdout


def test_every_text_of_the_demo_can_be_pasted(command: Command):
    shown = command.run("demo").stdout

    texts = re.findall(r"sends over the chat:\n((?:  \S+\n)+)", shown)

    assert len(texts) == 5
    for text in texts:
        command.run("decode", text)


def test_the_demo_plays_with_two_wallets_and_no_server_and_leaves_nothing(tmp_path: Path):
    played = subprocess.run(
        [sys.executable, "-c", "from client.cli import main; main()", "demo", "--offline"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "COLUMNS": "80"},
    )

    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    assert list(tmp_path.iterdir()) == []
    assert " ".join(played.stdout.split()).count("Verified, but not accepted (trust: whether") == 5
    check_play(played.stdout)


def test_every_text_of_the_offline_demo_can_be_pasted_into_a_third_wallet(ana: Person):
    shown = ana.run("demo", "--offline", "--png", "receipt.png").stdout
    texts = re.findall(r"sends over the chat:\n((?:  \S+\n)+)", shown)

    carl = Person("carl.wallet")
    carl.run("inbox", "add", *texts, "receipt.png")

    assert len(texts) == 5
    assert carl.status() == "RECEIVED 120.00"


def check(shown: str) -> None:
    assert shown.count("Verified and accepted.") == 5
    check_play(shown)


def check_play(shown: str) -> None:
    assert shown.count("── ") == 6
    for status in ("pending, 0.00", "partially received, 70.00", "received, 120.00"):
        assert f"status      {status} of 120.00 EUR" in shown
    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in " ".join(shown.split())
