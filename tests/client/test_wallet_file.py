"""The file of a wallet: who can read it, what is in it, and what becomes of it when it is changed."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from client.cli import counterfoil
from client.wallet import sealing
from services.messages.document import from_document, message_digest, without_security
from services.messages.message import Kind
from tests.client.wallets import PASSPHRASE, Person

ROOT = Path(__file__).parents[2]
ABANDON = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
ABANDONED = "did:key:z6Mkv2xN934CjSzd6kethFt7xpWipKM6JT7qnorhPizQwVHD"


def test_a_wallet_is_one_file_that_only_its_owner_can_read(ana: Person):
    ana.asks()

    assert stat.S_IMODE(ana.wallet.stat().st_mode) == 0o600
    assert [path.name for path in Path().iterdir()] == ["ana.wallet"]


def test_the_key_is_nowhere_in_the_file(ana: Person):
    words = ana.run("wallet", "init", "--wallet", "new.wallet", "--json")
    phrase = json.loads(words.stdout)["phrase"]
    from client.wallet.phrase import secret_of

    content = Path("new.wallet").read_bytes()

    assert secret_of(phrase) not in content
    assert phrase.split()[0].encode() + b" " not in content


def test_a_wallet_is_never_written_over(ana: Person):
    before = ana.wallet.read_bytes()

    assert "there already" in ana.run("wallet", "init", exit_code=2).stderr
    assert "there already" in ana.run("wallet", "backup", "ana.wallet", exit_code=2).stderr
    assert ana.wallet.read_bytes() == before


def test_the_words_bring_the_key_back(ana: Person):
    ana.environment["COUNTERFOIL_WALLET"] = "again.wallet"

    result = ana.run("wallet", "init", "--phrase", input=f"{ABANDON}\n")

    assert result.stdout.strip().endswith(ABANDONED)
    assert "abandon" not in result.stdout + result.stderr
    assert ana.json("wallet", "show")["did"] == ABANDONED


def test_words_with_a_slip_make_no_wallet(ana: Person):
    ana.environment["COUNTERFOIL_WALLET"] = "again.wallet"

    assert "word 3" in ana.run("wallet", "init", "--phrase", input="abandon abandon x" + " a" * 9, exit_code=2).stderr
    assert not Path("again.wallet").exists()


def test_a_backup_brings_everything_back(ana: Person, ben: Person):
    claim = ben.text("claim", ana.asks(), "70")
    ana.run("acknowledge", claim)
    ana.run("wallet", "backup", "ana.backup")
    assert stat.S_IMODE(Path("ana.backup").stat().st_mode) == 0o600
    assert ana.did.encode() not in Path("ana.backup").read_bytes()

    ana.wallet.unlink()
    restored = ana.run("wallet", "restore", "ana.backup")

    assert restored.stdout.strip() == ana.did
    assert stat.S_IMODE(ana.wallet.stat().st_mode) == 0o600
    assert ana.status() == "PARTIALLY_RECEIVED 70.00"
    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in ana.run("acknowledge", claim, exit_code=3).stderr


@pytest.mark.parametrize("at", [4, 10, 25, 40, -1])
def test_a_backup_that_was_changed_restores_nothing(ana: Person, at: int):
    ana.run("wallet", "backup", "ana.backup")
    content = bytearray(Path("ana.backup").read_bytes())
    content[at] ^= 1
    Path("ana.backup").write_bytes(content)
    ana.wallet.unlink()

    result = CliRunner().invoke(counterfoil, ["wallet", "restore", "ana.backup"], env=ana.environment)

    assert result.exit_code in (2, 3)
    assert not ana.wallet.exists()


def test_a_passphrase_is_changed(ana: Person):
    Path("new").write_text("another long passphrase\n")
    Path("old").write_text(PASSPHRASE)
    ana.run("wallet", "passphrase", "--new-passphrase-file", "new")

    refused = ana.run("request", "120", "EUR", exit_code=3)
    ana.run("request", "120", "EUR", "--passphrase-file", "old", exit_code=3)

    assert "passphrase" in refused.stderr
    ana.run("request", "120", "EUR", "--passphrase-file", "new")


def test_the_passphrase_is_asked_for(ana: Person):
    del ana.environment["COUNTERFOIL_PASSPHRASE"]

    ana.run("request", "120", "EUR", input=f"{PASSPHRASE}\n")
    assert "COUNTERFOIL_PASSPHRASE" in ana.run("request", "120", "EUR", input="", exit_code=2).stderr
    assert "8 characters" in ana.run("wallet", "init", "--wallet", "x", input="short\nshort\n", exit_code=2).stderr
    assert not Path("x").exists()


def test_a_wrong_passphrase_says_nothing(ana: Person):
    before = ana.wallet.read_bytes()
    ana.environment["COUNTERFOIL_PASSPHRASE"] = "wrong horse battery"

    assert "passphrase" in ana.run("request", "120", "EUR", exit_code=3).stderr
    assert "passphrase" in ana.run("wallet", "backup", "b", exit_code=3).stderr
    assert ana.wallet.read_bytes() == before
    assert not Path("b").exists()


def test_looking_takes_no_passphrase(ana: Person):
    ana.asks()
    del ana.environment["COUNTERFOIL_PASSPHRASE"]

    ana.run("session", ana.session())
    ana.run("wallet", "show")


def test_a_key_under_another_did_does_not_open(ana: Person, ben: Person):
    with sqlite3.connect(ana.wallet) as file:
        file.execute("UPDATE wallet SET did = ?", [ben.did])

    assert "changed" in ana.run("request", "120", "EUR", exit_code=3).stderr


@pytest.mark.parametrize("at", [0, 4, 8, 25, 40])
def test_a_sealed_key_that_was_changed_does_not_open(ana: Person, at: int):
    with sqlite3.connect(ana.wallet) as file:
        sealed = bytearray(file.execute("SELECT sealed FROM wallet").fetchone()[0])
        sealed[at] ^= 0x40
        file.execute("UPDATE wallet SET sealed = ?", [bytes(sealed)])

    result = CliRunner().invoke(counterfoil, ["request", "120", "EUR"], env=ana.environment)

    assert result.exit_code in (2, 3)
    assert "changed" in result.stderr


def _edit(wallet: Path, credential: Callable[[str], str], *, with_digest: bool) -> None:
    """As somebody with a database browser would."""
    with sqlite3.connect(wallet) as file:
        [kept] = file.execute("SELECT credential FROM message").fetchone()
        edited = credential(kept)
        assert edited != kept
        file.execute("UPDATE message SET credential = ?", [edited])
        if with_digest:
            message = from_document(without_security(json.loads(edited)))
            file.execute("UPDATE message SET digest = ?", [message_digest(message)])


@pytest.mark.parametrize("with_digest", [False, True])
def test_an_amount_that_was_edited_in_the_file_is_not_shown(ana: Person, with_digest: bool):
    """Pitfall: messages were verified when they came, and believed ever after."""
    ana.asks()
    session = ana.session()
    _edit(ana.wallet, lambda kept: kept.replace('"120.00"', '"920.00"'), with_digest=with_digest)

    for command in (["sessions"], ["session", session], ["export", session]):
        said = ana.run(*command, exit_code=2)
        assert "not what its issuer signed" in said.stderr
        assert "920" not in said.stdout


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", bytes(4096), b"SQLite format 3\0", b"SQLite format 3\0" + bytes(4096)],
)
def test_a_file_that_is_no_wallet_is_refused_and_left_alone(ana: Person, content: bytes):
    Path("other.wallet").write_bytes(content)
    ana.environment["COUNTERFOIL_WALLET"] = "other.wallet"

    for command in (["sessions"], ["request", "120", "EUR"], ["inbox", "add", "CF1"]):
        assert "no wallet" in ana.run(*command, exit_code=2).stderr
    assert Path("other.wallet").read_bytes() == content


def test_a_database_of_another_program_or_version_is_refused(ana: Person):
    with sqlite3.connect("other.wallet") as other:
        other.execute("CREATE TABLE wallet (did, sealed)")
    with sqlite3.connect(ana.wallet) as file:
        file.execute("PRAGMA user_version = 2")

    assert "no wallet" in ana.run("sessions", "--wallet", "other.wallet", exit_code=2).stderr
    assert "another version" in ana.run("sessions", exit_code=2).stderr


def test_a_wallet_that_is_not_there_is_not_made_by_the_way(ana: Person):
    assert "wallet init" in ana.run("sessions", "--wallet", "none.wallet", exit_code=2).stderr
    assert "wallet init" in ana.run("request", "1", "EUR", "--wallet", ".", exit_code=2).stderr
    assert not Path("none.wallet").exists()


def test_a_wallet_that_another_command_writes_to_is_waited_for_and_then_left(
    ana: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("client.wallet.store._BUSY_SECONDS", 0.1)
    other = sqlite3.connect(ana.wallet, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert "try again" in ana.run("request", "120", "EUR", exit_code=2).stderr
    other.execute("ROLLBACK")
    ana.run("request", "120", "EUR")


def test_a_server_that_is_named_outranks_the_wallet_of_the_environment(ana: Person):
    assert (
        "give --server or --wallet"
        in ana.run("request", "1", "EUR", "--server", "localhost:1", "--wallet", "ana.wallet", exit_code=2).stderr
    )
    assert (
        "give --server or --wallet"
        in ana.run("--server", "localhost:1", "request", "1", "EUR", "--wallet", "ana.wallet", exit_code=2).stderr
    )
    asked = ana.run("--server", "localhost:1", "--timeout", "0.1", "request", "1", "EUR", "--payee", "Ana", exit_code=4)
    assert "localhost:1" in asked.stderr


def test_nothing_of_the_key_or_the_passphrase_is_printed(ana: Person):
    shown = ana.run("wallet", "show").output + ana.run("request", "120", "EUR").output

    assert PASSPHRASE not in shown
    assert sealing.MAGIC.decode() not in shown


@pytest.mark.parametrize("seed", range(20))
def test_a_wallet_file_that_was_damaged_anywhere_is_read_or_refused_in_one_line(ana: Person, ben: Person, seed: int):
    ana.run("acknowledge", ben.text("claim", ana.asks(), "70"))
    chance, content = random.Random(seed), bytearray(ana.wallet.read_bytes())
    for _ in range(chance.choice([1, 8, 200])):
        content[chance.randrange(len(content))] = chance.randrange(256)
    ana.wallet.write_bytes(content[: chance.choice([len(content), len(content) // 2])])

    for command in (["sessions"], ["session", ben.session()], ["wallet", "show"], ["request", "1", "EUR"]):
        result = CliRunner().invoke(counterfoil, command, env=ana.environment)
        assert result.exit_code in (0, 2, 3), result.output
        assert "Traceback" not in result.output
        assert result.exit_code == 0 or result.stderr.count("\n") == 1


def test_of_two_answers_at_the_same_time_one_is_given(ana: Person, ben: Person):
    """Two processes with one wallet: the second finds that the claim has been answered."""
    claim = ben.text("claim", ana.asks(), "70")
    environment = {**os.environ, **ana.environment}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", "from client.cli import main; main()", "acknowledge", claim, "--received", amount],
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for amount in ("70", "7")
    ]
    results = [(process.communicate(timeout=120), process.returncode) for process in both]

    assert sorted(code for _, code in results) == [0, 3], results
    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in "".join(stderr for (_, stderr), _ in results)
    assert ana.json("session", ana.session())["contradictions"] == []
    assert sum(each.message.kind is Kind.ACKNOWLEDGEMENT for each in ana.kept()) == 1


def test_a_wallet_whose_process_is_killed_while_it_signs_says_one_thing_only(ana: Person, ben: Person):
    """Killed at any moment: the answer is in the wallet whole or not at all, and what was printed is in it."""
    claim = ben.text("claim", ana.asks(), "70")
    environment = {**os.environ, **ana.environment, "PYTHONPATH": str(ROOT)}
    printed = []
    for milliseconds in (50, 300, 600, 900, 1200, 1500):
        process = subprocess.Popen(
            [sys.executable, "-c", "from client.cli import main; main()", "acknowledge", claim],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(milliseconds / 1000)
        process.kill()
        printed += process.communicate()[0].splitlines()

    answers = [each for each in ana.kept() if each.message.kind is Kind.ACKNOWLEDGEMENT]

    assert len(answers) <= 1
    assert len(printed) <= len(answers)
    ana.run("acknowledge", claim, exit_code=3 if answers else 0)
    assert ana.status() == "PARTIALLY_RECEIVED 70.00"
