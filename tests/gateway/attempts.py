"""Bad input and what is not for everybody to do, and the reason with which each is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

import gateway.wiring  # noqa: F401 - so that every refusal class is known
import services.codec.wiring
import services.credentials.wiring
import services.sessions.wiring  # noqa: F401
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.runtime.refusals import Overloaded
from services.runtime.settings import Settings
from tests.gateway.conftest import Gate, asking, handle, money, serving

CLASSIC = message_pb2.TEXT_FORMAT_CLASSIC

Attempt = Callable[[Gate], Awaitable[Any]]
ATTEMPTS: list[tuple[str, str, Attempt]] = []


Refused = Callable[[str], Callable[[Attempt], Attempt]]


def noting(attempts: list[tuple[str, str, Attempt]]) -> Refused:
    """A decorator that names the reason with which an attempt is refused."""

    def refused(reason: str) -> Callable[[Attempt], Attempt]:
        def note(attempt: Attempt) -> Attempt:
            attempts.append((reason, attempt.__name__, attempt))
            return attempt

        return note

    return refused


refused = noting(ATTEMPTS)


def requests(reason: str, name: str, **changes: Any) -> None:
    ATTEMPTS.append((reason, name, lambda gate: gate.stub.RequestPayment(asking(**changes))))


for amount in ("-1", "0", "0.00", "1e5", "NaN", "Infinity", "12.345", "1,5", "", " 1", "01", "1.", ".5", "٣", "9" * 40):
    requests("INVALID_AMOUNT", f"amount {amount[:9]!r}", amount=money(amount))
requests("INVALID_AMOUNT", "yen with decimals", amount=money("1.5", "JPY"))
requests("INVALID_AMOUNT", "more money than there is", amount=money("99999999999999.99"))
for currency in ("EURO", "eur", "XXX", "", "ZZZ"):
    requests("UNKNOWN_CURRENCY", f"currency {currency!r}", amount=money("1", currency))
requests("INVALID_FIELD", "no payee", payee=None)
for name, text in {
    "control": "Ana\x07",
    "line break": "Ana\nBen",
    "bidi": "Ana\u202etxt.exe",
    "zero width": "A\u200bna",
    "Hangul filler": "\u3164",
    "too long": "A" * 129,
    "empty": "",
    "a DID in disguise": "DID:key:z6Mk",
    "a DID in full width": "\uff44\uff49\uff44\uff1akey\uff1az6Mk",
    "a DID in mathematical letters": "\U0001d41d\U0001d422\U0001d41d:key:z6Mk",
    "a DID in Cyrillic": "\u0501\u0456\u0501:key:z6Mk",
    "a DID with an accent": "d\u00efd:key:z6Mk",
    "a DID with another colon": "did\u2236key\ua789z6Mk",
}.items():
    requests("INVALID_TEXT", f"payee with {name}", payee=handle(text))
requests("INVALID_TEXT", "description of 5 MB", description="x" * 5_000_000)
requests("INVALID_TEXT", "description of 5 MB in Chinese", description="\u6587" * 1_700_000)
requests("INVALID_TEXT", "marks that take hours to sort", description="e" + "\u0316\u0301" * 400_000)
requests(
    "INVALID_TEXT",
    "texts that fit no QR code together",
    methods=[message_pb2.PaymentMethod(method=str(n), details={"a": "x" * 250, "b": "x" * 250}) for n in range(4)],
)
requests("INVALID_FIELD", "nine methods", methods=[message_pb2.PaymentMethod(method=str(n)) for n in range(9)])
requests("INVALID_FIELD", "one method twice", methods=[message_pb2.PaymentMethod(method="BTC")] * 2)
requests(
    "INVALID_FIELD", "detail named method", methods=[message_pb2.PaymentMethod(method="a", details={"method": "b"})]
)
requests("INVALID_FIELD", "format without meaning", format=77)
requests("INVALID_FIELD", "qr format without meaning", qr_format=77)
requests("INVALID_FIELD", "request id", request_id="42")
requests(
    "SIGNATURE_REQUIRED",
    "payee is a DID",
    payee=message_pb2.Party(did="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"),
)
requests("INVALID_FIELD", "payee is a broken DID", payee=message_pb2.Party(did="did:key"))
requests("EXPIRY_OUT_OF_RANGE", "in the past", expire_time={"seconds": 1})
requests("EXPIRY_OUT_OF_RANGE", "in ten years", ttl=timedelta(days=3650))
requests("EXPIRY_OUT_OF_RANGE", "longer than time lasts", ttl={"seconds": 315_576_000_000})
requests("EXPIRY_OUT_OF_RANGE", "after the last year", expire_time={"seconds": 253_402_300_799})
requests("EXPIRY_OUT_OF_RANGE", "a negative lifetime", ttl=timedelta(seconds=-100))
requests("INVALID_FIELD", "before time began", expire_time={"seconds": -(10**15)})


@refused("SESSION_NOT_FOUND")
async def claim_for_an_unknown_session(gate: Gate) -> Any:
    return await gate.claim(str(uuid4()))


@refused("SESSION_NOT_FOUND")
async def an_unknown_session(gate: Gate) -> Any:
    return await gate.session(str(uuid4()))


@refused("SESSION_NOT_FOUND")
async def watching_an_unknown_session(gate: Gate) -> Any:
    return [each async for each in gate.stub.WatchSession(pb.WatchSessionRequest(session_id=str(uuid4())))]


@refused("INVALID_FIELD")
async def session_id_that_is_none(gate: Gate) -> Any:
    return await gate.session("../../etc/passwd")


@refused("SESSION_EXPIRED")
async def claim_after_the_expiry(gate: Gate) -> Any:
    asked = await gate.request()
    gate.clock.ahead = timedelta(days=8)
    return await gate.claim(asked.session.id)


@refused("SESSION_CANCELLED")
async def claim_after_the_cancellation(gate: Gate) -> Any:
    asked = await gate.request()
    await cancel(gate, asked)
    return await gate.claim(asked.session.id)


@refused("SESSION_CANCELLED")
async def second_cancellation(gate: Gate) -> Any:
    asked = await gate.request()
    await cancel(gate, asked)
    return await cancel(gate, asked)


@refused("SESSION_SETTLED")
async def cancellation_of_what_was_paid(gate: Gate) -> Any:
    asked = await gate.request()
    await gate.acknowledge(asked.payee_token, (await gate.claim(asked.session.id)).text)
    return await cancel(gate, asked)


@refused("CURRENCY_MISMATCH")
async def claim_in_another_currency(gate: Gate) -> Any:
    asked = await gate.request()
    claim = pb.ClaimPaymentRequest(session_id=asked.session.id, amount=money("120", "USD"))
    return await gate.stub.ClaimPayment(claim)


@refused("METHOD_NOT_OFFERED")
async def claim_by_a_method_that_was_not_offered(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.claim(asked.session.id, method="BTC")


@refused("SIGNATURE_REQUIRED")
async def claim_in_the_name_of_a_did(gate: Gate) -> Any:
    asked = await gate.request()
    did = message_pb2.Party(did="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    return await gate.claim(asked.session.id, payer=did)


@refused("INVALID_TEXT")
async def evidence_without_end(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.claim(asked.session.id, evidence="x" * 513)


@refused("TOO_MANY_CLAIMS")
async def more_claims_than_anybody_answers(gate: Gate) -> Any:
    asked = await gate.request()
    for _ in range(51):
        await gate.claim(asked.session.id, "1")


@refused("PAYEE_TOKEN_REQUIRED")
async def acknowledgement_without_a_token(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.acknowledge("", (await gate.claim(asked.session.id)).text)


@refused("PAYEE_TOKEN_WRONG")
async def acknowledgement_with_another_sessions_token(gate: Gate) -> Any:
    asked, other = await gate.request(), await gate.request()
    return await gate.acknowledge(other.payee_token, (await gate.claim(asked.session.id)).text)


@refused("PAYEE_TOKEN_WRONG")
async def cancellation_with_a_wrong_token(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.stub.CancelRequest(pb.CancelRequestRequest(session_id=asked.session.id, payee_token="x"))


@refused("CLAIM_NOT_FOUND")
async def acknowledgement_of_a_claim_from_another_session(gate: Gate) -> Any:
    asked, other = await gate.request(), await gate.request()
    claimed = await gate.claim(other.session.id)
    return await gate.acknowledge(asked.payee_token, claimed.text, session_id=asked.session.id)


@refused("CLAIM_NOT_FOUND")
async def rejection_of_a_claim_that_is_none(gate: Gate) -> Any:
    return await reject(gate, await gate.request(), str(uuid4()))


@refused("CLAIM_ALREADY_ACKNOWLEDGED")
async def second_acknowledgement(gate: Gate) -> Any:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    await gate.acknowledge(asked.payee_token, claimed.text)
    return await gate.acknowledge(asked.payee_token, claimed.text)


@refused("CLAIM_ALREADY_REJECTED")
async def acknowledgement_after_the_rejection(gate: Gate) -> Any:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id)
    await reject(gate, asked, claimed.credential.message_id)
    return await gate.acknowledge(asked.payee_token, claimed.text)


@refused("IDEMPOTENCY_CONFLICT")
async def request_id_with_other_fields(gate: Gate) -> Any:
    request_id = str(uuid4())
    await gate.request(request_id=request_id)
    return await gate.request(request_id=request_id, amount=money("121"))


@refused("OPERATOR_TOKEN_REQUIRED")
async def listing_without_a_token(gate: Gate) -> Any:
    return await gate.stub.ListSessions(pb.ListSessionsRequest())


@refused("OPERATOR_TOKEN_WRONG")
async def listing_with_a_wrong_token(gate: Gate) -> Any:
    return await gate.stub.ListSessions(pb.ListSessionsRequest(operator_token="é"))


@refused("INVALID_PAGE_TOKEN")
async def listing_from_nowhere(gate: Gate) -> Any:
    token = (gate.settings.data_dir / "operator-token").read_text().strip()
    return await gate.stub.ListSessions(pb.ListSessionsRequest(operator_token=token, page_token="' OR 1=1"))


@refused("INVALID_FIELD")
async def page_of_less_than_nothing(gate: Gate) -> Any:
    token = (gate.settings.data_dir / "operator-token").read_text().strip()
    return await gate.stub.ListSessions(pb.ListSessionsRequest(operator_token=token, page_size=-1))


@refused("NO_DOSSIER")
async def export_of_a_request_that_nobody_answered(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.stub.ExportSession(pb.ExportSessionRequest(session_id=asked.session.id))


@refused("NO_DOSSIER")
async def export_of_more_than_a_text_holds(gate: Gate) -> Any:
    asked = await gate.request()
    for _ in range(12):
        await gate.claim(asked.session.id, "1", evidence="x" * 100)
    return await gate.stub.ExportSession(pb.ExportSessionRequest(session_id=asked.session.id))


@refused("SESSION_NOT_FOUND")
async def export_of_an_unknown_session(gate: Gate) -> Any:
    return await gate.stub.ExportSession(pb.ExportSessionRequest(session_id=str(uuid4())))


@refused("CLAIM_NOT_FOUND")
async def export_of_a_claim_of_another_session(gate: Gate) -> Any:
    asked, other = await gate.request(), await gate.request()
    claim = await gate.claim(other.session.id)
    request = pb.ExportSessionRequest(session_id=asked.session.id, claim_id=claim.credential.message_id)
    return await gate.stub.ExportSession(request)


@refused("INVALID_FIELD")
async def export_of_a_claim_without_meaning(gate: Gate) -> Any:
    asked = await gate.request()
    return await gate.stub.ExportSession(pb.ExportSessionRequest(session_id=asked.session.id, claim_id="4711"))


@refused("INVALID_FIELD")
async def export_as_a_picture_without_meaning(gate: Gate) -> Any:
    asked = await gate.request()
    picture: Any = 77
    return await gate.stub.ExportSession(pb.ExportSessionRequest(session_id=asked.session.id, qr_format=picture))


@refused("INTERNAL")
async def fault_of_ours(gate: Gate) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.sessions.domain.may_open", lambda *_: 1 / 0)
        return await gate.request()


@refused("OVERLOADED")
async def watcher_too_many(gate: Gate) -> Any:
    asked = await gate.request()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.watching.Watchers.check", _no_more)
        return [each async for each in gate.stub.WatchSession(pb.WatchSessionRequest(session_id=asked.session.id))]


@refused("SERVICE_UNAVAILABLE")
async def service_that_is_down(gate: Gate) -> Any:
    return await _through(gate.settings.model_copy(update={"sessions_address": "127.0.0.1:1"}))


@refused("DEADLINE_EXCEEDED")
async def service_that_does_not_answer(gate: Gate) -> Any:
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    address = f"127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    try:
        return await _through(
            gate.settings.model_copy(update={"sessions_address": address, "deadline_seconds_max": 0.3})
        )
    finally:
        silent.close()


async def cancel(gate: Gate, asked: pb.RequestPaymentResponse) -> Any:
    return await gate.stub.CancelRequest(
        pb.CancelRequestRequest(payee_token=asked.payee_token, session_id=asked.session.id)
    )


async def reject(gate: Gate, asked: pb.RequestPaymentResponse, claim_id: str) -> Any:
    return await gate.stub.RejectClaim(
        pb.RejectClaimRequest(payee_token=asked.payee_token, session_id=asked.session.id, claim_id=claim_id)
    )


def _no_more(_watchers: object) -> None:
    raise Overloaded


async def _through(settings: Settings) -> Any:
    """A request through a gateway of these settings."""
    settings = settings.model_copy(update={"data_dir": settings.data_dir / "other"})
    async with serving(settings) as (address, _), grpc.aio.insecure_channel(address) as channel:
        return await PaymentsServiceStub(channel).RequestPayment(asking())
