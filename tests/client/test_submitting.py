"""`counterfoil submit`, by parties that hold their own keys."""

from __future__ import annotations

import json
from pathlib import Path

from tests.client.conftest import Command
from tests.signing import Signer

ANA, BEN = Signer.numbered(21), Signer.numbered(22)


def test_two_parties_submit_what_they_signed(command: Command):
    request = ANA.request()
    claim = BEN.claim(request)
    receipt = ANA.acknowledge(claim)
    Path("claim.txt").write_text(BEN.text(claim))

    assert command.text("submit", ANA.text(request)) == ANA.text(request)
    assert command.text("submit", "claim.txt") == BEN.text(claim)
    made = command.json("submit", ANA.text(receipt))

    assert made["session"]["paid_amount"]["amount"] == "120.00"
    assert command.json("submit", ANA.text(receipt)) == made


def test_what_the_payee_did_not_sign_is_refused(command: Command):
    request = ANA.request()
    claim = BEN.claim(request)
    command.run("submit", ANA.text(request))
    command.run("submit", BEN.text(claim))

    refused = command.run("submit", BEN.text(BEN.acknowledge(claim)), exit_code=3)

    assert "[SIGNER_NOT_THE_PARTY]" in refused.stderr


def test_a_message_that_does_not_hold_is_not_submitted(command: Command):
    text = ANA.text(ANA.request())

    assert command.run("submit", text[:-9] + "000000000", exit_code=3)


def test_a_session_of_the_server_is_exported_as_one_text_and_as_credentials(command: Command):
    request = ANA.request()
    claim = BEN.claim(request)
    command.run("submit", ANA.text(request))
    command.run("submit", BEN.text(claim))
    session = str(request.session_id)

    dossier = command.text("export", session, "--qr", "dossier.png")
    command.run("export", session, "--credentials", "evidence")

    assert [each["message"]["id"] for each in command.json("decode", dossier)["dossier"]] == [
        str(request.id),
        str(claim.id),
    ]
    assert command.run("decode", "dossier.png").stdout == command.run("decode", dossier).stdout
    assert json.loads(Path("evidence/02-claim.json").read_text()) == json.loads(BEN.credential(claim))
    command.run("export", session, "--contradictions", exit_code=2)
    assert command.text("export", session, "--claim", str(claim.id)) == dossier
    assert "[CLAIM_NOT_FOUND]" in command.run("export", session, "--claim", session, exit_code=3).stderr
