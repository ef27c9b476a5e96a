"""The messages of the vectors: every kind, and whatever a writer may meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.messages.document import from_timestamp, message_digest
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
    Statement,
)
from services.messages.money import Money
from tests.vectors.compact.signing import Signer, ed25519, p256

ANA, BO, CHAN = ed25519(1), ed25519(2), p256(3)
SHOP = replace(ed25519(4), did="did:web:pay.example.org", fragment="key-1")
SHOP_P256 = replace(p256(5), did="did:web:pay.example.org:shops:7", fragment="zDn")

SESSION = UUID("019c1396-dc00-7a53-9d0c-2f6b1e4a7c55")
REQUEST_ID = UUID("019c1396-dc01-7b64-8e1d-3a7c2f5b8d66")
CLAIM_ID = UUID("019c1397-c661-7c75-af2e-4b8d306c9e77")
ANSWER_ID = UUID("019c1398-b0c1-7d86-b03f-5c9e417daf88")
V4_ID = UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")
V4_SESSION = UUID("1b4e28ba-2fa1-41d2-883f-b9a761bde3fb")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TRANSACTION = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BITCOIN = PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"})
IBAN = PaymentMethod("bank transfer", {"iban": "DE02120300000000202051"})

Sample = tuple[str, Message, Signer]


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def second_of(id: UUID) -> datetime:
    """The second that a UUIDv7 begins with."""
    return _EPOCH + timedelta(seconds=(id.int >> 80) // 1000)


def message(id: UUID, statement: Statement, signer: Signer = ANA, session: UUID = SESSION) -> Message:
    return Message(id, session, signer.did, second_of(id), statement)


def a_request(
    payee: str = ANA.did,
    amount: Money | None = None,
    description: str = "Invoice 2291: two chairs, delivered",
    methods: tuple[PaymentMethod, ...] = (BITCOIN, IBAN),
    expires_at: datetime | None = None,
) -> Request:
    week = second_of(REQUEST_ID) + timedelta(days=7)
    return Request(Party(payee), amount or usd("1250.50"), description, methods, expires_at or week)


ASKED = message(REQUEST_ID, a_request())
CLAIMED = message(CLAIM_ID, Claim(message_digest(ASKED), usd("1250.50"), Party(BO.did), TRANSACTION), BO)


def samples() -> Iterator[Sample]:
    yield from _requests()
    yield from _claims()
    yield from _answers()


def _requests() -> Iterator[Sample]:
    late = replace(ASKED, issued_at=ASKED.issued_at + timedelta(days=40))
    early = replace(ASKED, issued_at=from_timestamp("1970-01-01T00:00:00Z"))
    random = replace(ASKED, id=V4_ID, session_id=V4_SESSION)
    yield "request: reference", ASKED, ANA
    for signer in (CHAN, replace(CHAN, high_s=True)):
        name = f"request: P-256{', high S' if signer.high_s else ''}"
        yield name, message(REQUEST_ID, a_request(signer.did), signer), signer
    for signer in (SHOP, SHOP_P256):
        yield f"request: {signer.did}", message(REQUEST_ID, a_request("Ana's shop"), signer), signer
    yield "request: payee with another DID", message(REQUEST_ID, a_request(BO.did)), ANA
    yield "request: issued later than its id", late, ANA
    yield "request: issued before its id", early, ANA
    yield "request: ids of version 4", replace(random, issued_at=ASKED.issued_at), ANA
    for name, request in _asked():
        yield f"request: {name}", message(REQUEST_ID, request), ANA


def _asked() -> Iterator[tuple[str, Request]]:
    yield "a name, and nothing but the amount", a_request("Ana", description="", methods=())
    yield "last second of all", a_request(expires_at=from_timestamp("9999-12-31T23:59:59Z"))
    yield "expired before it was issued", a_request(expires_at=from_timestamp("0001-01-01T00:00:00Z"))
    for amount, currency in _AMOUNTS:
        yield f"{amount} {currency}", a_request(amount=Money.parse(amount, currency))
    yield "a name that looks like a DID", a_request("\u0501\u0456\u0501\uff1akey:z6Mk")
    yield "texts of every mode", a_request("ana", description="A-1 & b_2?", methods=_MODES)
    yield "all scripts", a_request("Ана Κώστα", description=_SCRIPTS, methods=_SCRIPT_METHODS)
    yield "characters that shape the ones before them", a_request("ᠨ\u180bᠠ", description=_SHAPED)
    yield "details with names that languages keep for themselves", a_request(methods=_RESERVED)
    yield "as many methods and details as there may be", a_request("x", description="", methods=_MANY)
    yield "as long as it may be", a_request("É" * 64, description="字" * 170 + "é", methods=_LONG)


def _claims() -> Iterator[Sample]:
    claim = Claim(message_digest(ASKED), usd("1250.50"))
    yield "claim: reference", CLAIMED, BO
    yield "claim: P-256", replace(CLAIMED, issuer=CHAN.did), CHAN
    yield "claim: nothing but the amount", message(CLAIM_ID, claim), ANA
    for name, full in {
        "a name, and the method": replace(claim, payer=Party("Bo"), method="bank transfer"),
        "another DID, and words for the method": replace(claim, payer=Party(BO.did), custom_method="at the door"),
        "the longest evidence": replace(claim, evidence="Ж" * 256, method="BTC"),
    }.items():
        yield f"claim: {name}", message(CLAIM_ID, full), ANA
    yield "claim: did:web", message(CLAIM_ID, replace(claim, payer=Party(SHOP.did)), SHOP), SHOP


def _answers() -> Iterator[Sample]:
    digest = message_digest(CLAIMED)
    received = Acknowledgement(CLAIM_ID, digest, usd("1250.50"))
    yield "acknowledgement: reference", message(ANSWER_ID, received), ANA
    yield "acknowledgement: P-256", message(ANSWER_ID, received, CHAN), CHAN
    yield "acknowledgement: did:web", message(ANSWER_ID, received, SHOP), SHOP
    far = replace(received, claim_id=V4_ID, amount=usd("0.01"))
    yield "acknowledgement: a claim's id of version 4", message(ANSWER_ID, far), ANA
    for reason in ("", "nothing came", "R" * 256):
        name = "no reason" if not reason else f"a reason of {len(reason)} letters"
        yield f"rejection: {name}", message(ANSWER_ID, Rejection(CLAIM_ID, digest, reason)), ANA
        withdrawn = Cancellation(message_digest(ASKED), reason)
        yield f"cancellation: {name}", message(ANSWER_ID, withdrawn), ANA
    yield "rejection: P-256", message(ANSWER_ID, Rejection(CLAIM_ID, digest), CHAN), CHAN
    yield "cancellation: P-256", message(ANSWER_ID, Cancellation(message_digest(ASKED)), CHAN), CHAN
    yield "cancellation: did:web", message(ANSWER_ID, Cancellation(message_digest(ASKED)), SHOP_P256), SHOP_P256


_AMOUNTS = (
    ("1", "JPY"),
    ("0.00000001", "BTC"),
    ("10000000.00000000", "BTC"),
    ("0.001", "KWD"),
    ("0.1234", "UYW"),
    ("12.345678", "USDC"),
    ("0.0000007", "XLM"),
    ("10000000000000.00", "EUR"),
)
_MODES = (
    PaymentMethod("SEPA", {"iban": "word", "digits": "00120300000000202051", "hex": "00deadbeef", "a": "7"}),
    PaymentMethod("PAYPAL2", {"upper": "DE02ABC", "lower": "bc1qxyz0", "currency": "EUR", "z": "name"}),
    PaymentMethod("Ana's Bank, Ltd.", {"mixed": "Hi! (50% + more) #1 @home", "bytes": "a~b", "utf_8": "Zürich"}),
)
_SCRIPTS = "كرسيان می\u200cخواهم क्\u200dष 椅子二脚 👩\u200d🔧 €\u00a0½ œ"  # noqa: RUF001
_SHAPED = "❤\ufe0f ✔\ufe0e ℹ\ufe0f 1\ufe0f\u20e3#\ufe0f\u20e3*\ufe0f\u20e3 🏳\ufe0f\u200d🌈 می\u200cخواهم"  # noqa: RUF001
_SCRIPT_METHODS = (PaymentMethod("ブリック", {"memo": "ありがとう", "k": "Ω"}), PaymentMethod("مدى", {}))
_RESERVED = (
    PaymentMethod("constructor", {"__proto__": "a", "constructor": "b", "tostring": "c", "10": "d", "9": "e"}),
    PaymentMethod("__proto__", {"type": "a", "id": "b", "proof": "c"}),
)
_MANY = tuple(PaymentMethod(f"m{at}", {f"k{at}{n}": str(n) for n in range(8)}) for at in range(8))
_LONG = (PaymentMethod("m" * 64, {"k" * 32: "v" * 255, "z": "y" * 32}),)
