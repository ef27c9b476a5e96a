"""Verifying in one's own process: the verdict is typed, and what holds no credential is refused with a reason."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest

from client.sdk.failures import Refused, UnusablePins
from client.sdk.gateway import Gateway
from client.sdk.verifying import verify, verify_presentation
from counterfoil.credentials.v1.credential_pb2 import CheckOutcome, Verdict
from counterfoil.messages.v1.message_pb2 import Money, QrFormat, TextFormat
from counterfoil.payments.v1 import payments_service_pb2 as pb
from services.codec.domain import IMAGE_BYTES_MAX
from tests.codec.pictures import png, qr
from tests.processes import Program


@pytest.fixture(scope="module")
def asked(gateway: Program) -> pb.RequestPaymentResponse:
    with Gateway(gateway.address) as counterfoil:
        return counterfoil.request_payment(
            Money(amount="120", currency="EUR"), payee="Ana", qr_format=QrFormat.QR_FORMAT_PNG
        )


def outcome(verdict: Verdict, name: str) -> str:
    return next(CheckOutcome.Name(check.outcome) for check in verdict.checks if check.name == name)


def test_text_picture_and_credential_get_the_same_verdict(asked: pb.RequestPaymentResponse):
    by_text = verify(asked.text)

    assert by_text.verdict.verified
    assert by_text.message.request.amount.amount == "120.00"
    assert verify(asked.qr_image) == verify(asked.credential.json) == by_text


def test_a_text_is_found_between_the_words_of_a_chat(asked: pb.RequestPaymentResponse):
    assert verify(f"Hello Ben, here it is:\n> {asked.text}\nThank you!").verdict.verified


def test_a_classic_text_is_read_as_well(gateway: Program):
    with Gateway(gateway.address) as counterfoil:
        made = counterfoil.request_payment(
            Money(amount="120", currency="EUR"), payee="Ana", format=TextFormat.TEXT_FORMAT_CLASSIC
        )

    assert verify(made.text).verdict.verified


def test_trust_is_said_by_the_caller_alone(asked: pb.RequestPaymentResponse):
    issuer = asked.credential.issuer

    assert verify(asked.text, trusted=[issuer]).verdict.accepted
    assert outcome(verify(asked.text).verdict, "trust") == "CHECK_OUTCOME_UNKNOWN"
    assert outcome(verify(asked.text, trusted=["did:key:z6MkSomebodyElse"]).verdict, "trust") == "CHECK_OUTCOME_FAIL"


def test_an_altered_credential_gets_a_verdict_and_no_exception(asked: pb.RequestPaymentResponse):
    altered = asked.credential.json.replace("120.00", "999.00")

    verdict = verify(altered).verdict

    assert not verdict.verified
    assert outcome(verdict, "signature") == "CHECK_OUTCOME_FAIL"


def test_another_credential_needs_to_be_asked_for(asked: pb.RequestPaymentResponse):
    assert verify(asked.credential.json, any_statement=True).verdict.verified


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("hello", "TEXT_DAMAGED"),
        ("", "TEXT_DAMAGED"),
        ("x" * 70_000, "TEXT_TOO_LONG"),
        (b"", "IMAGE_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n", "IMAGE_UNREADABLE"),
        (b"\x00" * (IMAGE_BYTES_MAX + 1), "IMAGE_TOO_LARGE"),
        (png(qr("https://example.org")), "FOREIGN_QR_CODE"),
    ],
)
def test_what_holds_no_credential_is_refused_with_a_reason(given: str | bytes, reason: str):
    with pytest.raises(Refused) as refused:
        verify(given)

    assert refused.value.reason == reason


def test_a_zip_bomb_is_refused():
    bomb = base64.b64encode(zlib.compress(b"0" * 50_000_000, 9)).decode()[:60_000]

    with pytest.raises(Refused):
        verify(bomb)


def test_pins_that_do_not_do_are_named(tmp_path: Path, asked: pb.RequestPaymentResponse):
    (tmp_path / "pin.json").write_text("{}")

    with pytest.raises(UnusablePins, match=r"pin\.json"):
        verify(asked.text, pinned=tmp_path)


def test_a_presentation_without_a_proof_is_not_verified(asked: pb.RequestPaymentResponse):
    bare = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [json.loads(asked.credential.json)],
    }

    found = verify_presentation(json.dumps(bare), challenge="c-1")

    assert not found.verdict.verified
