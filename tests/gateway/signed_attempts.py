"""Bad signed messages of every kind, and the reason with which each is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from services.messages.ids import new_id_of
from services.messages.message import Message, Party
from tests.credentials.parties import sign_anything
from tests.gateway.attempts import CLASSIC, Attempt, Refused, noting
from tests.gateway.conftest import Gate, money
from tests.gateway.message_attempts import classic
from tests.signing import Signer, a_moment_ago

SIGNED_ATTEMPTS: list[tuple[str, str, Attempt]] = []
refused: Refused = noting(SIGNED_ATTEMPTS)

ANA, BEN = Signer.numbered(11), Signer.numbered(12)


async def open_session(gate: Gate) -> Message:
    request = ANA.request()
    await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=ANA.text(request)))
    return request


async def claim(gate: Gate, request: Message) -> Message:
    claimed = BEN.claim(request)
    await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=BEN.text(claimed)))
    return claimed


@refused("INVALID_FIELD")
async def signed_message_and_fields_beside_it(gate: Gate) -> Any:
    text = ANA.text(ANA.request())
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text, amount=money("1")))


@refused("INVALID_FIELD")
async def signed_message_with_a_proof_of_many_kilobytes(gate: Gate) -> Any:
    """The signature covers the nonce, so nothing but the size is wrong with it."""
    vc = json.loads(ANA.credential(ANA.request()))
    vc.pop("proof")
    padded = sign_anything(vc, ANA.key, nonce="x" * 7000)
    asked = await gate.request(format=CLASSIC)
    text = classic(asked.text, **_fields_of(padded), vc=padded)
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("MESSAGE_NOT_VERIFIED")
async def signed_message_that_cannot_be_read_back(gate: Gate) -> Any:
    """In canonical form the nonce is an integer beyond all bounds: once recorded, it would break its whole session."""
    vc = json.loads(ANA.credential(ANA.request()))
    vc.pop("proof")
    odd = sign_anything(vc, ANA.key, nonce=1e20)
    asked = await gate.request(format=CLASSIC)
    text = classic(asked.text, **_fields_of(odd), vc=odd)
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("MALFORMED_MESSAGE")
async def signed_message_whose_place_in_a_list_cannot_be_read_back(gate: Gate) -> Any:
    vc = json.loads(ANA.credential(ANA.request()))
    vc.pop("proof")
    odd = sign_anything({**vc, "credentialStatus": {"statusListIndex": 1e17}}, ANA.key)
    asked = await gate.request(format=CLASSIC)
    text = classic(asked.text, **_fields_of(odd), vc=odd)
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("MALFORMED_MESSAGE")
async def signed_message_that_fits_no_picture(gate: Gate) -> Any:
    """It would be recorded well, but the answer is to have a picture."""
    vc = json.loads(ANA.credential(ANA.request()))
    vc.pop("proof")
    noise = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(75))
    padded = sign_anything(vc, ANA.key, nonce=noise)
    asked = await gate.request(format=CLASSIC)
    text = classic(asked.text, **_fields_of(padded), vc=padded)
    return await gate.stub.RequestPayment(
        pb.RequestPaymentRequest(signed_message=text, qr_format=message_pb2.QR_FORMAT_PNG)
    )


@refused("TEXT_DAMAGED")
async def signed_message_cut_in_half(gate: Gate) -> Any:
    text = ANA.text(ANA.request())
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text[: len(text) // 2]))


@refused("MESSAGE_NOT_VERIFIED")
async def signed_message_without_a_signature(gate: Gate) -> Any:
    asked = await gate.request(format=CLASSIC)
    text = classic(asked.text, vc=None)
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("MESSAGE_KIND_WRONG")
async def signed_claim_as_a_request(gate: Gate) -> Any:
    claimed = BEN.claim(await open_session(gate))
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=BEN.text(claimed)))


@refused("MESSAGE_KIND_WRONG")
async def signed_rejection_as_an_acknowledgement(gate: Gate) -> Any:
    claimed = await claim(gate, await open_session(gate))
    text = ANA.text(ANA.reject(claimed))
    return await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=text))


@refused("SIGNER_NOT_THE_PARTY")
async def signed_request_in_the_name_of_another(gate: Gate) -> Any:
    text = BEN.text(BEN.request(payee=ANA.party))
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("SIGNER_NOT_THE_PARTY")
async def signed_request_in_the_name_of_a_handle(gate: Gate) -> Any:
    text = BEN.text(BEN.request(payee=Party("Ana")))
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("SIGNER_NOT_THE_PARTY")
async def acknowledgement_signed_by_the_payer(gate: Gate) -> Any:
    claimed = await claim(gate, await open_session(gate))
    text = BEN.text(BEN.acknowledge(claimed))
    return await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=text))


@refused("SIGNATURE_REQUIRED")
async def acknowledgement_of_a_signing_payee_by_token(gate: Gate) -> Any:
    request = await open_session(gate)
    claimed = await gate.claim(str(request.session_id))
    return await gate.acknowledge("any", claimed.text)


@refused("SIGNATURE_REQUIRED")
async def cancellation_of_a_signing_payee_by_token(gate: Gate) -> Any:
    request = await open_session(gate)
    return await gate.stub.CancelRequest(pb.CancelRequestRequest(session_id=str(request.session_id), payee_token="x"))


@refused("MESSAGE_NOT_LINKED")
async def signed_claim_of_another_request(gate: Gate) -> Any:
    request, other = await open_session(gate), await open_session(gate)
    astray = BEN.say(BEN.claim(other).statement, request.session_id)
    return await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=BEN.text(astray)))


@refused("MESSAGE_OUT_OF_ORDER")
async def signed_request_from_the_future(gate: Gate) -> Any:
    text = ANA.text(ANA.request(at=a_moment_ago() + timedelta(hours=1)))
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=text))


@refused("MESSAGE_OUT_OF_ORDER")
async def cancellation_dated_before_a_claim_that_is_recorded(gate: Gate) -> Any:
    request = await open_session(gate)
    await claim(gate, request)
    text = ANA.text(ANA.cancel(request, at=a_moment_ago() - timedelta(minutes=5)))
    return await gate.stub.CancelRequest(pb.CancelRequestRequest(signed_message=text))


@refused("MESSAGE_ID_CONFLICT")
async def two_signed_requests_under_one_session_id(gate: Gate) -> Any:
    request = await open_session(gate)
    other = ANA.say(ANA.request("99").statement, request.session_id)
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=ANA.text(other)))


@refused("MESSAGE_ID_CONFLICT")
async def signed_claim_under_the_id_of_another_signer(gate: Gate) -> Any:
    request = await open_session(gate)
    seen = new_id_of(ANA.did, a_moment_ago())
    text = BEN.text(replace(BEN.claim(request), id=seen))
    return await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=text))


@refused("INVALID_FIELD")
async def signed_request_under_a_session_id_that_would_stay_on_top(gate: Gate) -> Any:
    request = ANA.say(ANA.request().statement, UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"))
    return await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=ANA.text(request)))


@refused("SESSION_NOT_FOUND")
async def signed_claim_before_its_request(gate: Gate) -> Any:
    text = BEN.text(BEN.claim(ANA.request()))
    return await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=text))


@refused("SESSION_EXPIRED")
async def signed_claim_after_the_expiry(gate: Gate) -> Any:
    request = await open_session(gate)
    gate.clock.ahead = timedelta(days=8)
    return await claim(gate, request)


@refused("CLAIM_ALREADY_ACKNOWLEDGED")
async def second_signed_acknowledgement(gate: Gate) -> Any:
    claimed = await claim(gate, await open_session(gate))
    for received in ("60", "120"):
        text = ANA.text(ANA.acknowledge(claimed, received))
        answer = await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=text))
    return answer


def _fields_of(vc: dict[str, Any]) -> dict[str, Any]:
    """What a CLASSIC text says beside its credential."""
    subject = vc["credentialSubject"]
    return {
        "session_id": subject["session"].removeprefix("urn:uuid:"),
        "message_id": vc["id"].removeprefix("urn:uuid:"),
        "amount": subject["amount"]["value"],
        "currency": subject["amount"]["currency"],
        "expiry": vc["validUntil"],
    }
