"""The whole conversation between two wallets, with no server anywhere."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.client.conftest import Command
from tests.client.wallets import Person

ROOT = Path(__file__).parents[2]
ABANDON = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
ABANDONED = "did:key:z6Mkv2xN934CjSzd6kethFt7xpWipKM6JT7qnorhPizQwVHD"


def test_two_wallets_settle_a_payment(ana: Person, ben: Person):
    request = ana.asks("120", "--description", "two chairs", "--method", "SEPA:iban=DE02120300000000202051")
    claim = ben.text("claim", request, "70", "--method", "SEPA", "--evidence", "transfer 4711")
    receipt = ana.text("acknowledge", claim)
    ben.run("inbox", "add", receipt)

    assert ana.status() == ben.status() == "PARTIALLY_RECEIVED 70.00"
    shown = ben.run("session", ben.session()).stdout
    assert "acknowledged: 70.00 EUR received" in shown
    assert ana.json("session", ana.session())["session"] == ben.json("session", ben.session())["session"]


def test_every_party_is_its_did(ana: Person, ben: Person):
    ben.run("claim", ana.asks(), "70")

    session = ben.json("session", ben.session())["session"]

    assert session["request"]["request"]["payee"] == {"did": ana.did}
    assert session["claims"][0]["message"]["claim"]["payer"] == {"did": ben.did}
    assert session["claims"][0]["message"]["issuer"] == ben.did


def test_messages_are_made_with_the_options_and_the_look_of_those_of_a_server(ana: Person, ben: Person):
    made = ana.run("request", "120", "EUR", "--expires-in", "2d", "--format", "classic", "--qr", "request.png")

    assert made.stdout.startswith("eN")
    assert "asks for 120.00 EUR, until" in made.stderr
    assert "Payee token" not in made.stderr
    claim = ben.run("claim", "request.png", "120", "--custom-method", "cash", "--qr", "-")
    assert claim.stdout.startswith("CF1")
    assert "█" in claim.stderr
    assert "pending, 0.00 of 120.00 EUR" in claim.stderr


def test_what_wallets_write_is_verified_without_them(ana: Person, ben: Person):
    request = ana.asks()
    claim = ben.text("claim", request, "70")
    alone = Command("localhost:1")

    for text in (request, claim, ana.text("acknowledge", claim)):
        alone.run("credential", "verify", text)


def test_a_payee_rejects_and_cancels(ana: Person, ben: Person):
    claim = ben.json("claim", ana.asks(), "70")
    ana.run("inbox", "add", claim["text"])
    rejection = ana.text("reject", ana.session(), claim["credential"]["message_id"], "--reason", "nothing arrived")
    cancellation = ana.text("cancel", ana.session(), "--reason", "sold elsewhere")

    ben.run("inbox", "add", cancellation, rejection)

    shown = ben.run("session", ben.session()).stdout
    assert 'rejected: "nothing arrived"' in shown
    assert '"sold elsewhere"' in shown
    assert ben.status() == "CANCELLED 0.00"
    assert "[SESSION_CANCELLED]" in ben.run("claim", ben.session(), "50", exit_code=3).stderr


@pytest.mark.parametrize("received", ["69.50", "69.50 EUR"])
def test_an_acknowledgement_says_what_was_received(ana: Person, ben: Person, received: str):
    ana.run("acknowledge", ben.text("claim", ana.asks(), "70"), "--received", received)

    assert ana.status() == "PARTIALLY_RECEIVED 69.50"


def test_pitfall_1_only_the_payees_wallet_answers(ana: Person, ben: Person):
    claim = ben.json("claim", ana.asks(), "70")
    session, claim_id = ben.session(), claim["credential"]["message_id"]

    for attempt in (["acknowledge", claim["text"]], ["reject", session, claim_id], ["cancel", session]):
        refused = ben.run(*attempt, exit_code=3)
        assert "[SIGNER_NOT_THE_PARTY]" in refused.stderr
        assert ana.did in refused.stderr
    assert ben.status() == "PENDING 0.00"


def test_a_claim_is_acknowledged_once(ana: Person, ben: Person):
    claim = ben.text("claim", ana.asks(), "70")
    ana.run("acknowledge", claim)

    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in ana.run("acknowledge", claim, exit_code=3).stderr
    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in ana.run("acknowledge", claim, "--received", "1", exit_code=3).stderr
    assert ana.json("session", ana.session())["contradictions"] == []
    assert ana.status() == "PARTIALLY_RECEIVED 70.00"


def test_a_command_with_the_same_request_id_is_done_once(ana: Person, ben: Person):
    again = ["--request-id", "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"]
    claim = ben.text("claim", ana.asks(), "70")

    first, second = ana.text("acknowledge", claim, *again), ana.text("acknowledge", claim, *again)

    assert first == second
    assert "[IDEMPOTENCY_CONFLICT]" in ana.run("cancel", ana.session(), *again, exit_code=3).stderr


def test_a_message_is_kept_before_it_is_printed(ana: Person, ben: Person):
    """A crash in between loses the print and nothing else: the wallet says no second, different thing."""
    claim = ben.text("claim", ana.asks(), "70")
    ana.run("acknowledge", claim, "--qr", "no/such/folder.png", exit_code=2)

    assert ana.status() == "PARTIALLY_RECEIVED 70.00"
    assert "[CLAIM_ALREADY_ACKNOWLEDGED]" in ana.run("acknowledge", claim, exit_code=3).stderr


def test_nothing_is_printed_that_was_not_kept(ana: Person, ben: Person):
    claim = ben.text("claim", ana.asks(), "70")
    with sqlite3.connect(ana.wallet) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON message BEGIN SELECT RAISE(FAIL, 'disk full'); END")

    failed = ana.run("acknowledge", claim, exit_code=2)

    assert failed.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["request", "0", "EUR"], "[INVALID_AMOUNT]"),
        (["request", "120", "XXX"], "[UNKNOWN_CURRENCY]"),
        (["request", "120", "EUR", "--payee", "Ana"], "[INVALID_FIELD]"),
        (["request", "120", "EUR", "--expires-in", "5s"], "[EXPIRY_OUT_OF_RANGE]"),
        (["request", "120", "EUR", "--expires-in", "99999999w"], "[EXPIRY_OUT_OF_RANGE]"),
        (["request", "120", "EUR", "--description", "a\u202eb"], "[INVALID_TEXT]"),
        (["claim", "SESSION", "-1"], "[INVALID_AMOUNT]"),
        (["claim", "SESSION", "1", "USD"], "[CURRENCY_MISMATCH]"),
        (["claim", "SESSION", "1", "--method", "BTC"], "[METHOD_NOT_OFFERED]"),
        (["claim", "SESSION", "1", "--payer", "Ben"], "[INVALID_FIELD]"),
        (["claim", "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55", "1", "EUR"], "[SESSION_NOT_FOUND]"),
        (["session", "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"], "[SESSION_NOT_FOUND]"),
        (["reject", "SESSION", "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"], "[CLAIM_NOT_FOUND]"),
        (["sessions", "--page-token", "x"], "[INVALID_PAGE_TOKEN]"),
    ],
)
def test_a_wallet_refuses_what_a_server_refuses(ana: Person, arguments: list[str], reason: str):
    ana.asks()
    session = ana.session()
    # Before "--" what begins with a minus would be an option.
    arguments = [session if each == "SESSION" else each for each in arguments]
    if arguments[-1] == "-1":
        arguments.insert(1, "--")

    assert reason in ana.run(*arguments, exit_code=3).stderr
    assert ana.json("wallet", "show")["messages"] == 1


def test_sessions_are_listed_page_by_page(ana: Person):
    for amount in ("1", "2", "3"):
        ana.asks(amount)

    first = ana.run("sessions", "--page-size", "2")
    second = ana.json("sessions", "--page-size", "2", "--page-token", first.stderr.strip().rpartition(" ")[2])

    assert [each["requested_amount"]["amount"] for each in second["sessions"]] == ["1.00"]
    assert second["next_page_token"] == ""
