"""What the parties say, show and hold stays out of every log."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from io import BytesIO
from typing import Any

import grpc
import pytest
from PIL import Image

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.deployment import Deployment
from tests.faults.parties import a_claim, a_request, an_acknowledgement, eur, why

PAYEE, PAYER = message_pb2.Party(handle="Annegret Quast"), message_pb2.Party(handle="Bodo Wirsing")
SEPA = message_pb2.PaymentMethod(method="SEPA", details={"iban": "DE02120300000000202051"})
DESCRIPTION, EVIDENCE, CUSTOM = "two worn armchairs", "TX-7781-ZZQ", "in an envelope under the mat"
REASON, REGRET = "my account shows no such thing", "given away after all"
SAID = [PAYEE.handle, PAYER.handle, SEPA.details["iban"], DESCRIPTION, EVIDENCE, CUSTOM, REASON, REGRET]

WRONG = "Mistaken Words"
REFUSED_REQUESTS = [
    a_request(description=f"{WRONG}\a"),
    a_request(amount=message_pb2.Money(amount=WRONG, currency="EUR")),
    a_request(amount=message_pb2.Money(amount="1", currency=WRONG)),
    a_request(payee=message_pb2.Party(did=f"did:key:{WRONG}")),
    a_request(methods=[message_pb2.PaymentMethod(method="x", details={WRONG: "x"})]),
    a_request(request_id=WRONG),
]


def test_pitfall_29_nothing_personal_and_no_secret_is_in_any_log(
    deployment: Deployment, client: PaymentsServiceStub
) -> None:
    told = converse(client)
    make_mistakes(client)
    logs = {name: program.log for name, program in deployment.programs.items()}
    kept = [path.read_text().strip() for path in deployment.directory.glob("*/var/*") if path.suffix == ""]

    assert len(kept) == 3, "the operator token, the key of payee tokens and the key that wraps keys"
    for secret in (*SAID, WRONG, *told, *kept):
        assert [name for name, log in logs.items() if secret in log] == [], f"in the log: {secret}"
    assert all('"event":"call"' in log for log in logs.values())


def test_a_fault_is_logged_by_its_place_and_told_without_insides(
    deployment: Deployment, client: PaymentsServiceStub
) -> None:
    with closing(sqlite3.connect(deployment.directory / "sessions" / "var" / "sessions.db")) as database:
        database.execute("ALTER TABLE message RENAME TO mislaid")
    with pytest.raises(grpc.RpcError) as failed:
        client.RequestPayment(a_request(payee=PAYEE, description=DESCRIPTION))

    assert why(failed.value) == ("INTERNAL", "INTERNAL")
    assert "message" not in str(failed.value.details())
    [fault] = [line for line in deployment.log_lines("sessions") if line["event"] == "fault"]
    assert fault["error"] == "OperationalError"
    assert "store.py" in fault["at"]
    assert not any(text in deployment.programs["sessions"].log for text in (PAYEE.handle, DESCRIPTION))


def converse(client: PaymentsServiceStub) -> list[str]:
    """Says everything there is to say, and returns what else must stay between the two."""
    asked = a_request(payee=PAYEE, methods=[SEPA], description=DESCRIPTION, qr_format=message_pb2.QR_FORMAT_PNG)
    opened = client.RequestPayment(asked)
    texts, token = [opened.text], opened.payee_token
    for used in ({"method": "SEPA"}, {"custom_method": CUSTOM}):
        claim = client.ClaimPayment(a_claim(opened.session.id, 10_00, payer=PAYER, evidence=EVIDENCE, **used))
        texts.append(claim.text)
    texts.append(client.AcknowledgePayment(an_acknowledgement(token, texts[1], received_amount=eur(9_00))).text)
    session_id, claim_id = opened.session.id, claim.credential.message_id
    client.RejectClaim(
        pb.RejectClaimRequest(payee_token=token, session_id=session_id, claim_id=claim_id, reason=REASON)
    )
    cancelled = client.CancelRequest(pb.CancelRequestRequest(payee_token=token, session_id=session_id, reason=REGRET))
    client.DecodeMessage(pb.DecodeMessageRequest(image=opened.qr_image))
    proof = json.loads(cancelled.credential.json)["proof"]["proofValue"]
    return [token, proof, *texts]


def make_mistakes(client: PaymentsServiceStub) -> None:
    """Every kind of text where it does not belong."""
    file = BytesIO()
    Image.new("L", (64, 64), 255).save(file, "PNG")
    opened = client.RequestPayment(a_request())
    claim = client.ClaimPayment(a_claim(opened.session.id))
    mistakes: list[tuple[Any, Any]] = [
        *((client.RequestPayment, request) for request in REFUSED_REQUESTS),
        (client.ClaimPayment, a_claim(opened.session.id, method=WRONG)),
        (client.AcknowledgePayment, an_acknowledgement(WRONG, claim.text)),
        (client.DecodeMessage, pb.DecodeMessageRequest(text=WRONG)),
        (client.DecodeMessage, pb.DecodeMessageRequest(image=file.getvalue() + WRONG.encode())),
        (client.GetSession, pb.GetSessionRequest(session_id=WRONG)),
        (client.ListSessions, pb.ListSessionsRequest(operator_token=WRONG)),
    ]
    for method, request in mistakes:
        with pytest.raises(grpc.RpcError):
            method(request)
