"""A whole conversation in one text: exported from a session, and read by somebody who knows nothing of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from client.sdk.verifying import verify
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from gateway.http.answered import of_decoded
from services.codec import armour, dossier
from services.messages.document import from_document, to_document, without_security
from services.runtime.settings import Settings
from services.runtime.status import reason_of
from tests.gateway.conftest import Gate, handle, serving
from tests.gateway.signed_attempts import ANA, BEN
from tests.signing import Signer

PASS, UNKNOWN = 1, 3


async def conversation(gate: Gate) -> str:
    """A session of two claims, one acknowledged and one rejected."""
    asked = await gate.request()
    first = await gate.claim(asked.session.id, "70", payer=handle("Ben"))
    await gate.acknowledge(asked.payee_token, first.text)
    second = await gate.claim(asked.session.id, "50")
    reject = pb.RejectClaimRequest(
        payee_token=asked.payee_token, session_id=asked.session.id, claim_id=second.credential.message_id
    )
    await gate.stub.RejectClaim(reject)
    return str(asked.session.id)


async def export(gate: Gate, session_id: str, **more: object) -> pb.ExportSessionResponse:
    made: pb.ExportSessionResponse = await gate.stub.ExportSession(
        pb.ExportSessionRequest(session_id=session_id, **more)  # type: ignore[arg-type]
    )
    return made


async def decode(gate: Gate, text: str) -> pb.DecodeMessageResponse:
    read: pb.DecodeMessageResponse = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(text=text))
    return read


async def test_a_session_travels_as_one_text(gate: Gate) -> None:
    session_id = await conversation(gate)
    exported = await export(gate, session_id, qr_format=message_pb2.QR_FORMAT_PNG)

    read = await gate.stub.DecodeMessage(pb.DecodeMessageRequest(image=exported.qr_image))

    found = await gate.session(session_id)
    kept = {each.message_id: json.loads(each.json) for each in found.credentials}
    assert read.text == exported.text
    assert [each.message.WhichOneof("statement") for each in read.dossier] == [
        "request",
        "claim",
        "acknowledgement",
        "claim",
        "rejection",
    ]
    assert [json.loads(each.credential) for each in read.dossier] == [kept[each.message.id] for each in read.dossier]
    assert all(each.verdict.accepted for each in read.dossier)
    assert (read.message, read.verdict) == (read.dossier[-1].message, read.dossier[-1].verdict)


async def test_a_stranger_finds_every_link_in_the_text_itself(gate: Gate, tmp_path: Path) -> None:
    text = (await export(gate, await conversation(gate))).text
    async with (
        serving(Settings(data_dir=tmp_path / "stranger")) as (address, _),
        grpc.aio.insecure_channel(address) as channel,
    ):
        read = await PaymentsServiceStub(channel).DecodeMessage(pb.DecodeMessageRequest(text=text))

    for each in read.dossier:
        outcomes = {check.name: check.outcome for check in each.verdict.checks}
        assert each.verdict.verified
        assert (outcomes["link"], outcomes["trust"]) == (PASS, UNKNOWN)
        assert not each.verdict.accepted


async def test_what_is_not_verified_is_nothing_that_others_can_answer(gate: Gate) -> None:
    """The claim is Ben's by its words and Mallory's by its signature, so Ana's answer to it has no link."""
    request = ANA.request()
    claim = BEN.claim(request)
    receipt = ANA.acknowledge(claim)
    mallory = json.loads(Signer.numbered(66).credential(Signer.numbered(66).request()))
    forged = json.loads(BEN.credential(claim))
    forged["proof"]["proofValue"] = mallory["proof"]["proofValue"]
    vcs = [json.loads(ANA.credential(request)), forged, json.loads(ANA.credential(receipt))]

    read = await decode(gate, armour.wrap(dossier.pack(vcs)))

    assert [each.verdict.verified for each in read.dossier] == [True, False, True]
    outcomes = {check.name: check.outcome for check in read.dossier[-1].verdict.checks}
    assert (outcomes["link"], outcomes["issuer_authority"]) == (UNKNOWN, UNKNOWN)
    assert read.verdict == read.dossier[1].verdict


async def test_a_genuine_end_makes_no_forged_middle_valid(gate: Gate) -> None:
    """Ben puts an answer of his own making between two genuine claims of a hosted session."""
    asked = await gate.request()
    first, last = [await gate.claim(asked.session.id, amount) for amount in ("70", "50")]
    request, claim, other = (json.loads(each.credential.json) for each in (asked, first, last))
    stated = from_document(without_security({name: claim[name] for name in claim if name != "proof"}))
    receipt = to_document(replace(BEN.acknowledge(stated, "70"), issuer=stated.issuer))
    forged = {**receipt, "proof": {**claim["proof"], "created": receipt["validFrom"]}}

    read = await decode(gate, armour.wrap(dossier.pack([request, claim, forged, other])))

    assert [each.verdict.accepted for each in read.dossier] == [True, True, False, True]
    assert read.verdict == read.dossier[2].verdict
    assert not of_decoded(read).valid
    assert not verify(read.text).verdict.verified
    with pytest.raises(grpc.aio.AioRpcError, match="signature"):
        await gate.acknowledge(asked.payee_token, read.text)


async def test_a_stranger_who_claims_at_length_keeps_nobody_from_exporting_their_own_claim(gate: Gate) -> None:
    asked = await gate.request()
    claim = await gate.claim(asked.session.id, "70", payer=handle("Ben"))
    booked = await gate.acknowledge(asked.payee_token, claim.text)
    for _ in range(3):
        await gate.claim(asked.session.id, "1", evidence="é" * 256, custom_method="ü" * 32)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await export(gate, asked.session.id)
    info = reason_of(raised.value)
    assert info
    assert info.reason == "NO_DOSSIER"

    read = await decode(gate, (await export(gate, asked.session.id, claim_id=claim.credential.message_id)).text)

    said = [asked.credential, claim.credential, booked.receipt]
    assert [each.message.id for each in read.dossier] == [each.message_id for each in said]
    assert read.verdict.accepted


async def test_a_cancellation_is_part_of_what_is_exported_with_one_claim(gate: Gate) -> None:
    asked = await gate.request()
    claims = [await gate.claim(asked.session.id, amount) for amount in ("70", "50")]
    await gate.stub.CancelRequest(
        pb.CancelRequestRequest(payee_token=asked.payee_token, session_id=asked.session.id, reason="sold")
    )

    exported = await export(gate, asked.session.id, claim_id=claims[1].credential.message_id.upper())

    dossier_read = (await decode(gate, exported.text)).dossier
    assert [each.message.WhichOneof("statement") for each in dossier_read] == ["request", "claim", "cancellation"]
    assert dossier_read[1].message.id == claims[1].credential.message_id


async def test_a_dossier_is_no_signed_message(gate: Gate) -> None:
    request = ANA.request()
    claim = BEN.claim(request)
    text = armour.wrap(dossier.pack([json.loads(ANA.credential(request)), json.loads(BEN.credential(claim))]))

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=text))

    info = reason_of(raised.value)
    assert info
    assert info.reason == "MESSAGE_KIND_WRONG"


async def test_a_claim_in_a_dossier_can_be_acknowledged(gate: Gate) -> None:
    asked = await gate.request()
    await gate.claim(asked.session.id)
    text = (await export(gate, asked.session.id)).text

    booked = await gate.acknowledge(asked.payee_token, text)

    assert booked.session.paid_amount.amount == "120.00"
