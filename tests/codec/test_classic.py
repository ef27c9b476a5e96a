"""CLASSIC loses nothing, and whatever is no message is refused in bounded time and memory."""

from __future__ import annotations

import json
import random
import string
import tracemalloc
import zlib
from base64 import b64decode, b64encode
from typing import Any
from unicodedata import category
from uuid import uuid4

import pytest
from hypothesis import given, settings

from services.codec import classic
from services.codec.domain import QR_TEXT_BYTES_MAX, TextDamaged
from services.messages.document import to_document
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
)
from services.messages.money import Money
from services.messages.refusals import MalformedMessage
from tests.messages_strategies import (
    A_MESSAGE,
    A_SESSION,
    NOON,
    a_credential,
    a_message,
    a_proof,
    a_request,
    as_json,
    messages,
)
from tests.processor_time import at_most

EUR_120 = Money.parse("120.00", "EUR")
DIGEST = bytes(range(32))
A_CLAIM = Claim(DIGEST, EUR_120, Party("Ben"), evidence="txid 4a5e1e4b")
REQUEST_TEXT = classic.write(as_json(a_credential(a_message(a_request()))))


def packed(json_text: str | bytes) -> str:
    raw = json_text.encode() if isinstance(json_text, str) else json_text
    return b64encode(zlib.compress(raw, 9)).decode()


def unpacked(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(zlib.decompress(b64decode(text)))
    return fields


@given(messages())
def test_reading_what_was_written_gives_the_same_message_and_credential(message):
    credential = a_credential(message)

    reading = classic.read(classic.write(as_json(credential)))

    assert reading.message == message
    assert json.loads(reading.credential) == credential
    assert reading.unsigned_fields == ""


@given(messages())
def test_any_message_fits_a_qr_code(message):
    """`write` refuses what does not fit, so that it must never do so for a message that is valid."""
    assert len(classic.write(as_json(a_credential(message)))) <= QR_TEXT_BYTES_MAX


def random_texts() -> dict[str, list[str]]:
    """Alphabets that zlib cannot shorten, or that take many bytes a character."""
    printable = [chr(number) for number in range(0x10FFFF) if category(chr(number))[0] in "LNPS"]
    chance = random.Random(1)
    ascii_alone = [char for char in printable if char.isascii()]
    return {
        "ascii": ascii_alone,
        "base64": list(string.ascii_letters + string.digits + "+/"),
        "chinese": [chr(number) for number in range(0x4E00, 0x9FA0)],
        "emoji": [chr(number) for number in range(0x1F300, 0x1F640)],
        "escapes": list('"\\ab'),
        "mixed": ascii_alone * 4 + chance.sample(printable, 300),
    }


ALPHABETS = random_texts()


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("shape", ["long texts", "many details"])
def test_the_largest_request_that_says_anything_at_all_fits_a_qr_code(alphabet, shape):
    """The longest did:web issuer and key name, and 1,024 bytes of random texts."""
    chance = random.Random(7)

    def line(bytes_max: int) -> str:
        text = ""
        while len((text + (char := chance.choice(ALPHABETS[alphabet]))).encode()) <= bytes_max:
            text += char
        return text

    def key(size: int) -> str:
        return "".join(chance.choices(string.ascii_lowercase + string.digits + "_", k=size))

    if shape == "long texts":
        methods: tuple[PaymentMethod, ...] = (
            PaymentMethod(line(60) + "1", {key(32): line(250)}),
            PaymentMethod(line(4) + "2", {key(2): line(28)}),
        )
        request = Request(Party(line(128)), EUR_120, line(510), methods, NOON)
    else:
        details = [{f"{key(1)}{number}": line(8) for number in range(8)} for _ in range(8)]
        methods = tuple(PaymentMethod(f"{line(4)}{number}", each) for number, each in enumerate(details))
        request = Request(Party(line(100)), EUR_120, line(200), methods, NOON)
    issuer = "did:web:" + "".join(chance.choices(string.ascii_letters + string.digits + "._-", k=248))
    credential = a_credential(Message(uuid4(), uuid4(), issuer, NOON, request))
    credential["proof"]["verificationMethod"] = f"{issuer}#{''.join(chance.choices(string.ascii_letters, k=64))}"

    assert len(classic.write(as_json(credential))) <= QR_TEXT_BYTES_MAX


@pytest.mark.parametrize(
    ("statement", "fields"),
    [
        (a_request(), {"type", "amount", "currency", "preferences", "expiry"}),
        (A_CLAIM, {"type", "amount", "currency", "proof"}),
        (Claim(DIGEST, EUR_120), {"type", "amount", "currency"}),
        (Acknowledgement(A_MESSAGE, DIGEST, EUR_120), {"type", "amount", "currency"}),
        (Rejection(A_MESSAGE, DIGEST, "nothing came"), {"type"}),
        (Cancellation(DIGEST), {"type"}),
    ],
)
def test_each_kind_has_its_fields_and_no_others(statement, fields):
    written = unpacked(classic.write(as_json(a_credential(a_message(statement)))))

    assert written.keys() == fields | {"session_id", "message_id", "vc"}
    assert written["type"] == statement.kind.value


def test_a_request_reads_as_the_users_document_has_it():
    fields = unpacked(REQUEST_TEXT)

    assert fields.pop("vc")["type"] == ["VerifiableCredential", "PaymentRequestCredential"]
    assert fields == {
        "session_id": str(A_SESSION),
        "message_id": str(A_MESSAGE),
        "type": "request",
        "amount": "120.00",
        "currency": "EUR",
        "preferences": [
            {"method": "SEPA", "iban": "DE02120300000000202051", "name": "Anna Keller"},
            {"method": "BTC", "wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
        ],
        "expiry": "2026-02-07T12:00:00Z",
    }


def test_a_text_with_any_one_letter_changed_is_refused_or_still_says_exactly_the_same():
    """A few bits of a zlib stream carry nothing: what fills its last byte, and which of two equal places it copies."""
    written = classic.read(REQUEST_TEXT)
    intact = 0
    for position, letter in enumerate(REQUEST_TEXT):
        for other in set("A/z9=!é") - {letter}:
            try:
                reading = classic.read(REQUEST_TEXT[:position] + other + REQUEST_TEXT[position + 1 :])
            except (TextDamaged, MalformedMessage):
                continue
            assert (reading.message, reading.credential) == (written.message, written.credential)
            intact += 1
    assert intact < 10


def test_a_text_cut_anywhere_is_damaged():
    for length in range(len(REQUEST_TEXT)):
        with pytest.raises(TextDamaged):
            classic.read(REQUEST_TEXT[:length])
        with pytest.raises(TextDamaged):
            classic.read(REQUEST_TEXT[length + 1 :])


@settings(max_examples=30)
@given(messages())
def test_letters_after_the_end_are_refused(message):
    raw = b64decode(classic.write(as_json(a_credential(message))))

    for more in (b"\0", b"x", raw):
        with pytest.raises(TextDamaged):
            classic.read(b64encode(raw + more).decode())


@pytest.mark.parametrize("filling", [b" ", b"[", b'{"vc":', b'"' + b"a" * 70000 + b'"'])
def test_a_zip_bomb_is_refused_in_bounded_time_and_memory(filling):
    """Pitfall 10. 64 KiB that unpack to some 30 MB."""
    bomb = packed(filling * (30_000_000 // len(filling)))
    assert len(bomb) <= 64 * 1024
    tracemalloc.start()

    with at_most(0.5), pytest.raises(MalformedMessage):
        classic.read(bomb)

    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("depth", [100, 900, 30_000])
def test_deeply_nested_json_is_refused(depth):
    for text in ("[" * depth + "]" * depth, '{"vc":' * (depth // 4) + "1" + "}" * (depth // 4)):
        with pytest.raises(MalformedMessage):
            classic.read(packed(text))


def test_a_second_layer_of_compression_is_not_opened():
    with pytest.raises(MalformedMessage):
        classic.read(packed(b64decode(REQUEST_TEXT)))


@pytest.mark.parametrize(
    "text", ["", "null", "7", "[]", '"text"', "{}", "nonsense", "\ufeff{}", '{"vc":null}', '{"vc":[]}']
)
def test_json_that_is_no_message_is_refused(text):
    with pytest.raises(MalformedMessage):
        classic.read(packed(text))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "latin-1"])
def test_only_utf_8_is_read(encoding):
    fields = unpacked(REQUEST_TEXT) | {"é": 1}

    with pytest.raises(MalformedMessage):
        classic.read(packed(as_json(fields).encode(encoding)))


def test_the_same_key_twice_is_refused():
    """Pitfall 11: a reader that takes the first and one that takes the last see two different messages."""
    text = as_json(unpacked(REQUEST_TEXT))

    with pytest.raises(MalformedMessage, match="same key twice"):
        classic.read(packed(text.replace('"amount":"120.00"', '"amount":"1.00","amount":"120.00"')))


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "12.00"},
        {"amount": 120.00},
        {"amount": "120"},
        {"currency": "USD"},
        {"type": "sent"},
        {"session_id": str(A_MESSAGE)},
        {"message_id": str(A_SESSION)},
        {"preferences": []},
        {"expiry": "2026-02-08T12:00:00Z"},
        {"proof": "txid"},
        {"note": "unknown"},
        {"vc": None},
    ],
    ids=str,
)
def test_a_field_that_contradicts_the_credential_is_refused(change):
    with pytest.raises(MalformedMessage):
        classic.read(packed(as_json(unpacked(REQUEST_TEXT) | change)))


def test_a_field_that_is_missing_beside_a_credential_is_refused():
    for name in unpacked(REQUEST_TEXT).keys() - {"vc"}:
        fields = unpacked(REQUEST_TEXT)
        del fields[name]
        with pytest.raises(MalformedMessage):
            classic.read(packed(as_json(fields)))


@pytest.mark.parametrize(
    "change",
    [
        {"proof": None},
        {"proof": []},
        {"proof": [a_proof("did:web:a"), a_proof("did:web:b")]},
        {"proof": {"proofValue": "\ud800"}},
        {"proof": {"created": 2**60}},
        {"issuer": {"id": "did:web:a"}},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"name": "one field more"},
        {"validFrom": "2026-01-31T13:00:00+01:00"},
        {"credentialSubject": {}},
    ],
    ids=str,
)
def test_a_credential_that_is_not_of_the_template_is_neither_written_nor_read(change):
    credential = a_credential(a_message(a_request()), **change)

    with pytest.raises(MalformedMessage):
        classic.write(json.dumps(credential))
    with pytest.raises(MalformedMessage):
        classic.read(packed(json.dumps(unpacked(REQUEST_TEXT) | {"vc": credential})))


def test_a_credential_without_a_proof_is_not_written():
    with pytest.raises(MalformedMessage):
        classic.write(as_json(to_document(a_message(a_request()))))


@pytest.mark.parametrize(
    "credential", ["", "{", "null", '{"proof":{}}', '{"a":1,"a":2}', "{" + " " * 70_000 + "}", "NaN"]
)
def test_what_is_no_credential_is_not_written(credential):
    with pytest.raises(MalformedMessage):
        classic.write(credential)


def test_a_proof_that_would_not_fit_a_qr_code_is_refused():
    credential = a_credential(a_message(a_request()))
    credential["proof"]["proofValue"] = "".join(random.Random(3).choices(string.ascii_letters, k=3000))

    with pytest.raises(MalformedMessage, match="too long for a QR code"):
        classic.write(as_json(credential))


def unsigned(statement=None, **change) -> str:
    fields = unpacked(classic.write(as_json(a_credential(a_message(statement or a_request())))))
    del fields["vc"]
    return packed(as_json(fields | change))


@pytest.mark.parametrize("statement", [a_request(), A_CLAIM, Rejection(A_MESSAGE, DIGEST), Cancellation(DIGEST)])
def test_a_message_without_a_credential_gives_its_fields_and_nothing_else(statement):
    text = unsigned(statement)

    reading = classic.read(text)

    assert json.loads(reading.unsigned_fields) == unpacked(text)
    assert (reading.message, reading.credential) == (None, "")


def test_a_message_by_somebody_else_may_have_all_fields_of_the_format():
    text = unsigned(A_CLAIM, preferences=[], expiry="2026-02-07T12:00:00Z")

    assert json.loads(classic.read(text).unsigned_fields)["preferences"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"type": "refund"},
        {"type": []},
        {"session_id": "1"},
        {"session_id": 1},
        {"message_id": "{0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55}"},
        {"amount": 120.0},
        {"amount": "-1"},
        {"amount": "12.345"},
        {"amount": "1e5"},
        {"amount": None},
        {"currency": "EURO"},
        {"currency": ["EUR"]},
        {"preferences": {}},
        {"preferences": ["SEPA"]},
        {"preferences": [{"iban": "DE02"}]},
        {"preferences": [{"method": "SEPA", "IBAN": "DE02"}]},
        {"preferences": [{"method": "SEPA", "iban": 2}]},
        {"preferences": [{"method": str(number)} for number in range(9)]},
        {"expiry": "tomorrow"},
        {"expiry": 1769860800},
        {"proof": "two\nlines"},
        {"proof": "x" * 513},
        {"proof": None},
        {"note": "unknown"},
    ],
    ids=str,
)
def test_a_message_without_a_credential_must_still_be_one(change):
    with pytest.raises(MalformedMessage):
        classic.read(unsigned(**change))


def test_a_field_that_is_missing_without_a_credential_is_refused():
    for name in ("session_id", "message_id", "type", "amount", "currency", "preferences", "expiry"):
        fields = unpacked(unsigned())
        del fields[name]
        with pytest.raises(MalformedMessage):
            classic.read(packed(as_json(fields)))
