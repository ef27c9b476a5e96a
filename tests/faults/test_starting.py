"""Starting again, and not starting: one line that says what to do."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.faults.parties import a_claim, a_request, an_acknowledgement, failed_checks, payments
from tests.postgres import Postgres, cluster, stop
from tests.processes import Program, Start, is_running


def complaint(program: Program) -> list[str]:
    """What a program that does not start says for people; the rest is its log."""
    assert program.wait() == 2, program.log
    assert "Traceback" not in program.log
    return [line for line in program.log.splitlines() if line.startswith("counterfoil: ")]


def test_a_port_in_use_stops_the_start_with_one_line(launch: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert complaint(launch(gateway_listen=address)) == [
            f"counterfoil: cannot listen on {address}: the address is in use or is not one of this machine"
        ]


@pytest.mark.parametrize(
    "setting", ["gateway_listen", "grace_seconds", "log_level", "key_encryption_key", "reflection"]
)
def test_a_bad_setting_stops_the_start_with_one_line_that_names_it(launch: Start, setting: str) -> None:
    program = launch(**{setting: "nonsense"})
    [line] = complaint(program)

    assert line.startswith(f"counterfoil: COUNTERFOIL_{setting.upper()}: ")
    assert program.log.count("\n") == 1


def test_a_second_start_keeps_the_issuer_the_payee_tokens_and_what_was_answered(start: Start) -> None:
    first = start()
    with payments(first.address) as client:
        opened = client.RequestPayment(request := a_request())
        claim = client.ClaimPayment(a_claim(opened.session.id))
    first.stop()

    with payments(start().address) as client:
        again = client.RequestPayment(request)
        other = client.RequestPayment(a_request())
        receipt = client.AcknowledgePayment(an_acknowledgement(opened.payee_token, claim.text))

        assert (again.credential, again.payee_token) == (opened.credential, opened.payee_token)
        assert other.credential.issuer == opened.credential.issuer
        assert failed_checks(client.DecodeMessage(pb.DecodeMessageRequest(text=receipt.text)).verdict) == []


def test_a_start_waits_for_a_database_that_starts_at_the_same_time(launch: Start) -> None:
    with cluster() as files:
        program = launch("services.sessions", database_url=Postgres(files.directory).url())
        wait_until_logged(program, "database not reached yet")
        server = files.start()
        try:
            program.wait_until_listening().stop()
        finally:
            stop(server)


def wait_until_logged(program: Program, event: str) -> None:
    while event not in program.log:
        assert is_running(program.process.pid), program.log
        time.sleep(0.05)


def test_keys_and_databases_are_for_their_owner_alone(start: Start, tmp_path: Path) -> None:
    start().stop()

    kept = list((tmp_path / "var").iterdir())
    assert kept
    assert all(each.stat().st_mode & 0o077 == 0 or (tmp_path / "var").stat().st_mode & 0o077 == 0 for each in kept)
