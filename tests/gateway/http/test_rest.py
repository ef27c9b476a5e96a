"""The REST API as the payee, the payer and anyone see it."""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.gateway.conftest import Gate
from tests.gateway.http.conftest import problem
from tests.gateway.http.rest import SEPA, Rest
from tests.signing import Signer

ANA, BEN = Signer.numbered(11), Signer.numbered(12)
DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
async def rest(both: Gate) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient(base_url=both.url) as client:
        yield Rest(client)


async def test_the_body_of_the_first_description_is_all_it_takes(rest: Rest) -> None:
    asked = await rest.ok(
        "/paymentRequest",
        amount=120.5,
        currency="EUR",
        recipient_id="Ana",
        description="two chairs",
        preferences=[{"method": "BTC", "wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}, SEPA],
    )
    fields = json.loads(zlib.decompress(base64.b64decode(asked["encoded_message"])))
    claimed = await rest.ok(
        "/paymentSent",
        session_id=asked["session_id"],
        paid_amount=120.5,
        transaction_proof="transfer 4711",
        custom_method="cash",
    )
    booked = await rest.acknowledge(asked, claimed)
    found = await rest.session(asked)

    assert (fields["session_id"], fields["type"], fields["amount"]) == (asked["session_id"], "request", "120.50")
    assert [each["method"] for each in fields["preferences"]] == ["BTC", "SEPA"]
    assert claimed["certificate"]["type"][1] == "PaymentClaimCredential"
    assert (booked["validation_result"], booked["updated_status"]) == (True, "received")
    assert {each["outcome"] for each in booked["checks"]} == {"pass"}
    assert (found["status"], found["requested_amount"], found["paid_amount"]) == ("received", "120.50", "120.50")
    assert found["preferences"][1] == SEPA
    assert found["certificate"] == booked["certificate"]
    assert found["certificates"] == [asked["certificate"], claimed["certificate"], booked["certificate"]]


async def test_a_claim_changes_neither_paid_amount_nor_status(rest: Rest) -> None:
    asked = await rest.request()
    claimed = await rest.claim(asked, "70", payer_id="Ben", transaction_proof="4711")

    [claim] = claimed["session"]["claims"]
    assert (claimed["session"]["status"], claimed["session"]["paid_amount"]) == ("pending", "0.00")
    assert (claim["status"], claim["paid_amount"], claim["payer_id"]) == ("pending", "70.00", "Ben")


async def test_every_message_travels_as_a_picture(rest: Rest) -> None:
    asked = await rest.request(qr_format="PNG", format="COMPACT")
    claimed = await rest.claim(asked, qr_format="PNG")
    booked = await rest.ok(
        "/paymentReceived", payee_token=asked["payee_token"], qr_code=claimed["qr_code"], qr_format="PNG"
    )
    read = await rest.ok("/decodeMessage", qr_code=booked["qr_code"])

    assert asked["encoded_message"].startswith("CF1")
    assert (read["valid"], read["encoded_message"]) == (True, booked["encoded_message"])
    assert read["decoded_data"]["claim_id"] == booked["session"]["claims"][0]["claim_id"]


async def test_the_receipt_says_what_was_received_not_what_was_claimed(rest: Rest) -> None:
    asked = await rest.request()
    booked = await rest.acknowledge(asked, await rest.claim(asked), received_amount="119.5", currency="EUR")

    assert booked["certificate"]["credentialSubject"]["amount"] == {"currency": "EUR", "value": "119.50"}
    assert booked["updated_status"] == "partially_received"


async def test_the_payee_token_may_come_as_bearer(rest: Rest) -> None:
    asked = await rest.request()
    claimed = await rest.claim(asked)
    answer = await rest.client.post(
        "/paymentReceived",
        json={"encoded_message": claimed["confirmation_message"]},
        headers={"Authorization": f"Bearer {asked['payee_token']}"},
    )

    assert answer.json()["validation_result"] is True


async def test_the_payee_rejects_and_cancels(rest: Rest) -> None:
    asked = await rest.request()
    claimed = await rest.claim(asked)
    claim_id, token = claimed["session"]["claims"][0]["claim_id"], asked["payee_token"]
    said = {"session_id": asked["session_id"], "payee_token": token}
    rejected = await rest.ok("/claimRejected", **said, claim_id=claim_id, reason="nothing arrived")
    cancelled = await rest.ok("/requestCancelled", **said, reason="sold")
    read = await rest.ok("/decodeMessage", encoded_message=cancelled["encoded_message"])

    assert (rejected["updated_status"], cancelled["updated_status"]) == ("pending", "cancelled")
    assert rejected["session"]["claims"][0]["reason"] == "nothing arrived"
    assert (read["decoded_data"]["type"], read["decoded_data"]["reason"]) == ("cancelled", "sold")


async def test_decoding_says_in_a_sentence_what_does_not_hold(rest: Rest) -> None:
    fields = {"session_id": str(uuid4()), "message_id": str(uuid4()), "type": "received", "amount": "120.00"}
    text = base64.b64encode(zlib.compress(json.dumps({**fields, "currency": "EUR"}).encode())).decode()
    read = await rest.ok("/decodeMessage", encoded_message=f"Hi, here it is: {text}")

    assert (read["valid"], read["decoded_data"]["amount"]) == (False, "120.00")
    assert "certificate" not in read
    assert len(read["validation_details"]) > 20


async def test_only_the_operator_lists_sessions(both: Gate, rest: Rest) -> None:
    for _ in range(3):
        await rest.request()
    token = (both.settings.data_dir / "operator-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    first = (await rest.client.get("/sessions?page_size=2", headers=headers)).json()
    params = {"page_token": first["next_page_token"]}
    second = (await rest.client.get("/sessions", params=params, headers=headers)).json()

    assert (len(first["sessions"]), len(second["sessions"]), second["next_page_token"]) == (2, 1, "")
    assert problem(await rest.client.get("/sessions"))["reason"] == "OPERATOR_TOKEN_REQUIRED"


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("120", "120.00"),
        ("120.5", "120.50"),
        ("1.205e2", "120.50"),
        ('"120.50"', "120.50"),
        ("0.1", "0.10"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
async def test_a_number_is_taken_as_it_is_written(rest: Rest, written: str, amount: str) -> None:
    answer = await _request(rest, written)

    assert answer.json()["session"]["requested_amount"] == amount


@pytest.mark.parametrize(
    ("written", "status", "reason"),
    [
        ("0.30000000000000004", 400, "INVALID_AMOUNT"),
        ("1.005", 400, "INVALID_AMOUNT"),
        ("-1", 400, "INVALID_AMOUNT"),
        ("1e-400", 400, "INVALID_AMOUNT"),
        ("1e999999999", 400, "INVALID_AMOUNT"),
        ("1e99999999999999999999999", 400, "INVALID_FIELD"),
        ("9" * 21, 400, "INVALID_FIELD"),
        ("0." + "1" * 60, 400, "INVALID_FIELD"),
        ("NaN", 400, "INVALID_FIELD"),
        ("true", 422, "INVALID_FIELD"),
        ("null", 422, "INVALID_FIELD"),
        ("[1]", 422, "INVALID_FIELD"),
    ],
)
async def test_a_number_that_is_no_exact_amount_is_refused(rest: Rest, written: str, status: int, reason: str) -> None:
    answer = await _request(rest, written)

    assert (answer.status_code, problem(answer)["reason"]) == (status, reason)


async def _request(rest: Rest, written: str) -> httpx.Response:
    body = f'{{"amount": {written}, "currency": "EUR", "recipient_id": "Ana"}}'
    return await rest.client.post("/paymentRequest", content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amuont": "12"}, "amuont"),
        ({"recipient_id": 5}, "recipient_id"),
        ({"preferences": [{"wallet": "x"}]}, "preferences.0.method"),
        ({"preferences": [{"method": "BTC", "wallet": 5}]}, "preferences.0.wallet"),
        ({"expiry": 1e9}, "expiry"),
        ({"expiry": "2026-01-31T12:00:00"}, "expiry"),
        ({"expiry": "0001-01-01T00:00:00+01:00"}, "expiry"),
        ({"expiry": "9999-12-31T23:59:59-01:00"}, "expiry"),
        ({"expiry": "2036-01-31T12:00:00Z", "ttl_seconds": 60}, "body"),
        ({"ttl_seconds": True}, "ttl_seconds"),
        ({"ttl_seconds": 10**15}, "ttl_seconds"),
        ({"format": "PDF"}, "format"),
    ],
)
async def test_a_body_of_another_shape_is_422(rest: Rest, changes: dict[str, Any], field: str) -> None:
    answer = await rest.post("/paymentRequest", **{"amount": "1", "currency": "EUR", "recipient_id": "Ana", **changes})

    assert (answer.status_code, problem(answer)["field"]) == (422, field)


@pytest.mark.parametrize("qr_code", ["", "not Base64!", "iVBORw0KGgo", "YQ"])
async def test_a_picture_that_is_none_is_refused(rest: Rest, qr_code: str) -> None:
    answer = await rest.post("/decodeMessage", qr_code=qr_code)

    assert answer.status_code == 400
    assert problem(answer)["reason"] in ("INVALID_FIELD", "IMAGE_UNREADABLE")


async def test_half_a_character_is_refused(rest: Rest) -> None:
    answer = await rest.client.post(
        "/paymentRequest",
        content=b'{"amount": "1", "currency": "EUR", "recipient_id": "\\ud83d"}',
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, problem(answer)["reason"]) == (400, "INVALID_FIELD")


async def test_a_party_that_is_a_did_speaks_for_itself(rest: Rest) -> None:
    answer = await rest.post("/paymentRequest", amount="1", currency="EUR", recipient_id=DID)

    assert (answer.status_code, problem(answer)["reason"]) == (409, "SIGNATURE_REQUIRED")


async def test_parties_with_keys_of_their_own_sign_what_they_say(rest: Rest) -> None:
    request = ANA.request()
    asked = await rest.ok("/paymentRequest", signed_message=ANA.text(request))
    said = BEN.claim(request)
    claimed = await rest.ok("/paymentSent", signed_message=BEN.text(said))
    refused = await rest.post("/paymentReceived", encoded_message=claimed["confirmation_message"], payee_token="x")
    booked = await rest.ok("/paymentReceived", signed_message=ANA.text(ANA.acknowledge(said)))

    assert "payee_token" not in asked
    assert asked["session"]["recipient_id"] == ANA.did
    assert problem(refused)["reason"] == "SIGNATURE_REQUIRED"
    assert (booked["validation_result"], booked["certificate"]["issuer"]) == (True, ANA.did)


@pytest.mark.parametrize("as_header", [True, False])
async def test_asking_again_with_the_same_id_does_nothing_twice(rest: Rest, as_header: bool) -> None:
    request_id = str(uuid4())
    body = {"amount": "1", "currency": "EUR", "recipient_id": "Ana"} | ({} if as_header else {"request_id": request_id})
    headers = {"Idempotency-Key": f'"{request_id}"'} if as_header else {}
    answers = await asyncio.gather(*(rest.client.post("/paymentRequest", json=body, headers=headers) for _ in range(5)))
    other = await rest.client.post("/paymentRequest", json={**body, "amount": "2"}, headers=headers)

    assert len({answer.text for answer in answers}) == 1
    assert (other.status_code, problem(other)["reason"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_two_different_ids_for_one_call_are_refused(rest: Rest) -> None:
    body = {"amount": "1", "currency": "EUR", "recipient_id": "Ana", "request_id": str(uuid4())}
    answer = await rest.client.post("/paymentRequest", json=body, headers={"Idempotency-Key": str(uuid4())})

    assert (answer.status_code, problem(answer)["field"]) == (400, "request_id")


async def test_an_id_that_can_be_guessed_is_refused_since_it_would_show_the_token_to_others(rest: Rest) -> None:
    body = {"amount": "1", "currency": "EUR", "recipient_id": "Ana"}
    answer = await rest.client.post("/paymentRequest", json=body, headers={"Idempotency-Key": "1"})

    assert (answer.status_code, problem(answer)["field"]) == (400, "request_id")


@pytest.mark.parametrize("path", ["/session/nonsense", "/session/%00"])
async def test_a_session_id_that_is_none_is_refused(rest: Rest, path: str) -> None:
    answer = await rest.client.get(path)

    assert (answer.status_code, problem(answer)["reason"]) == (400, "INVALID_FIELD")
