"""The whole conversation from the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.client.conftest import Command
from tests.processes import Program


def test_a_request_prints_the_text_alone_on_stdout(command: Command):
    result = command.run("request", "120", "eur", "--payee", "Ana", "--description", "two chairs", "--expires-in", "2d")

    assert command.run("decode", result.stdout.strip())
    assert 'Ana asks for 120.00 EUR for "two chairs"' in result.stderr
    assert "Payee token: " in result.stderr


def test_a_request_says_how_to_pay(command: Command):
    made = command.json(
        "request", "120", "EUR", "--payee", "Ana", "--method", "SEPA:iban=DE02,bic=A,B", "--method", "cash"
    )

    assert made["session"]["request"]["request"]["methods"] == [
        {"method": "SEPA", "details": {"iban": "DE02", "bic": "A,B"}},
        {"method": "cash", "details": {}},
    ]


def test_the_payee_token_goes_to_a_file_that_only_its_owner_can_read(command: Command):
    result = command.run("--json", "request", "120", "EUR", "--payee", "Ana", "--token-file", "token")

    assert stat.S_IMODE(Path("token").stat().st_mode) == 0o600
    assert Path("token").read_text().strip() not in result.output
    assert "payee_token" not in json.loads(result.stdout)
    session = json.loads(result.stdout)["session"]["id"]
    command.run("cancel", session, "--token-file", "token")


def test_a_token_file_is_never_written_over(command: Command):
    Path("token").write_text("another secret")

    command.run("request", "120", "EUR", "--payee", "Ana", "--token-file", "token", exit_code=2)

    assert Path("token").read_text() == "another secret"


def test_no_token_file_is_left_when_the_request_is_refused(command: Command):
    command.run("request", "-120", "EUR", "--payee", "Ana", "--token-file", "token", exit_code=2)
    command.run("request", "0", "EUR", "--payee", "Ana", "--token-file", "token", exit_code=3)

    assert not Path("token").exists()


def test_a_claim_takes_the_currency_of_the_session(command: Command):
    session = command.requested()["session"]["id"]

    made = command.json("claim", session, "70", "--payer", "Ben", "--method", "SEPA", "--evidence", "transfer 4711")

    assert made["session"]["claims"][0]["message"]["claim"] | {"request_digest": ""} == {
        "request_digest": "",
        "amount": {"amount": "70.00", "currency": "EUR"},
        "payer": {"handle": "Ben"},
        "method": "SEPA",
        "evidence": "transfer 4711",
    }


def test_a_claim_takes_the_request_as_text_file_picture_or_stdin(command: Command):
    request = command.text("request", "120", "EUR", "--payee", "Ana", "--qr", "request.png")
    Path("request.txt").write_text(request)

    for given in (request, "request.txt", "request.png"):
        assert "pending, 0.00 of 120.00 EUR" in command.run("claim", given, "10", "--custom-method", "cash").stderr
    command.run("claim", "-", "10", input=request)


def test_a_claim_answers_a_request_and_nothing_else(command: Command):
    claim = command.text("claim", command.requested()["session"]["id"], "70")

    assert "no request" in command.run("claim", claim, "70", exit_code=2).stderr


def test_an_acknowledgement_shows_the_verdict_and_books_the_claim(command: Command):
    claim = command.text("claim", command.requested()["session"]["id"], "70")

    result = command.run("acknowledge", claim)

    assert "signature" in result.stderr
    assert "partially received, 70.00 of 120.00 EUR" in result.stderr
    assert "the payee received 70.00 EUR" in command.run("decode", result.stdout).stdout


@pytest.mark.parametrize("received", ["69.50", "69.50 EUR"])
def test_an_acknowledgement_says_what_was_received(command: Command, received: str):
    claim = command.text("claim", command.requested()["session"]["id"], "70")

    made = command.json("acknowledge", claim, "--received", received)

    assert made["session"]["paid_amount"] == {"amount": "69.50", "currency": "EUR"}


def test_an_acknowledgement_takes_a_picture_and_makes_one(command: Command):
    command.text("claim", command.requested()["session"]["id"], "70", "--qr", "claim.png")

    command.run("acknowledge", "claim.png", "--qr", "receipt.PNG")

    assert "the payee received 70.00 EUR" in command.run("decode", "receipt.PNG").stdout


def test_an_acknowledgement_of_a_claim_in_another_session_is_refused(command: Command):
    claim = command.text("claim", command.requested()["session"]["id"], "70")
    other = command.requested()["session"]["id"]

    assert "[CLAIM_NOT_FOUND]" in command.run("acknowledge", claim, "--session", other, exit_code=3).stderr


def test_a_session_that_strangers_filled_is_emptied_in_one_command(command: Command):
    session = command.requested()["session"]["id"]
    true = command.text("claim", session, "120", "--payer", "Ben")
    command.run("acknowledge", true)
    for number in range(3):
        command.run("claim", session, "1", "--payer", f"stranger {number}")

    rejected = command.run("reject", session, "--unanswered", "--reason", "unknown")

    assert len(rejected.stdout.splitlines()) == 3
    statuses = [each["status"] for each in command.json("session", session)["session"]["claims"]]
    assert statuses == ["CLAIM_STATUS_ACKNOWLEDGED"] + ["CLAIM_STATUS_REJECTED"] * 3
    assert command.run("reject", session, "--unanswered").stdout == ""


def test_a_rejection_is_of_one_claim_or_of_all_that_wait(command: Command):
    session = command.requested()["session"]["id"]

    command.run("reject", session, exit_code=2)
    command.run("reject", session, session, "--unanswered", exit_code=2)
    command.run("reject", session, "--unanswered", "--qr", "all.png", exit_code=2)


def test_a_rejection_names_the_claim_and_the_reason(command: Command):
    session = command.requested()["session"]["id"]
    claim = command.json("claim", session, "70")["session"]["claims"][0]["message"]["id"]

    rejection = command.text("reject", session, claim, "--reason", "nothing arrived")

    assert 'not true: "nothing arrived"' in command.run("decode", rejection).stdout
    assert 'rejected: "nothing arrived"' in command.run("session", session).stdout


def test_a_cancelled_request_takes_no_more_claims(command: Command):
    session = command.requested()["session"]["id"]

    cancellation = command.text("cancel", session, "--reason", "sold elsewhere")

    assert 'withdraws the request: "sold elsewhere"' in command.run("decode", cancellation).stdout
    assert "[SESSION_CANCELLED]" in command.run("claim", session, "70", exit_code=3).stderr
    assert "sold elsewhere" in command.run("session", session).stdout


def test_acting_as_the_payee_takes_the_token(command: Command):
    session = command.requested()["session"]["id"]
    del command.environment["COUNTERFOIL_PAYEE_TOKEN"]

    assert "COUNTERFOIL_PAYEE_TOKEN" in command.run("cancel", session, exit_code=2).stderr
    assert "[PAYEE_TOKEN_WRONG]" in command.run("cancel", session, "--token", "guess", exit_code=3).stderr


def test_a_session_is_shown_with_every_claim_and_its_answer(command: Command):
    session = command.requested()["session"]["id"]
    command.run("acknowledge", command.text("claim", session, "70", "--payer", "Ben", "--evidence", "transfer 4711"))
    command.run("claim", session, "50")

    shown = command.run("session", session).stdout

    assert "partially received, 70.00 of 120.00 EUR" in shown
    assert 'Ben says they paid 70.00 EUR, evidence "transfer 4711"' in shown
    assert "acknowledged: 70.00 EUR received" in shown
    assert "somebody says they paid 50.00 EUR" in shown
    assert "not answered yet" in shown
    assert len(command.json("session", session)["credentials"]) == 4


def test_the_operator_lists_the_sessions_page_by_page(command: Command, gateway: Program):
    token = gateway.log_file.parent / "var" / "operator-token"
    older, newer = (command.requested()["session"]["id"] for _ in range(2))

    first = command.run("sessions", "--operator-token-file", str(token), "--page-size", "1")
    page = first.stderr.strip().rpartition(" ")[2]
    command.environment["COUNTERFOIL_OPERATOR_TOKEN"] = token.read_text().strip()
    second = command.run("sessions", "--page-size", "1", "--page-token", page)

    assert newer in first.stdout
    assert older in second.stdout
    assert command.json("sessions", "--page-size", "1")["next_page_token"] == page


def test_the_operator_token_is_found_where_the_server_put_it(command: Command, gateway: Program):
    command.run("sessions", exit_code=2)

    command.environment["COUNTERFOIL_DATA_DIR"] = str(gateway.log_file.parent / "var")

    command.run("sessions")


def test_the_same_request_id_opens_one_session(command: Command):
    again = ["request", "120", "EUR", "--payee", "Ana", "--request-id", "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"]

    first, second = command.json(*again), command.json(*again)

    assert first["session"]["id"] == second["session"]["id"]
    assert first["payee_token"] == second["payee_token"]
