"""COMPACT holds a whole credential or refuses it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from base58 import b58encode
from hypothesis import given
from hypothesis import strategies as st

from services.codec import armour, classic, compact, pasted
from services.codec.armour import Damaged
from services.codec.domain import TextDamaged, TextFormat
from services.codec.packing import Reader, Writer
from services.codec.place import Place, to_status
from services.codec.signed import DoesNotFit
from services.codec.words import CURRENCIES, WORDS
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.credentials.suites import ECDSA_P256
from services.messages.canonical import canonical
from services.messages.currencies import DECIMALS
from services.messages.document import to_document
from services.messages.message import Message, Party, PaymentMethod
from services.messages.refusals import FormatNotSupported, MalformedMessage
from tests.codec.signed import ED25519, Issuer, credential_of, did_key, issuers, places, signatures
from tests.credentials.parties import SERVICE, a_key
from tests.messages_strategies import a_message, a_request, messages
from tests.vectors.compact.places import PLACE

PAYEE, PAYER = did_key(ED25519, b"\x11" * 32), did_key(ED25519, b"\x22" * 32)


@given(messages(), issuers, signatures, st.none() | places)
def test_a_credential_comes_back_exactly_or_does_not_fit(
    message: Message, issuer: Issuer, signature: bytes, place: Place | None
) -> None:
    message = replace(message, issuer=issuer.did)
    credential = credential_of(message, signature, issuer, place)
    try:
        packed = compact.pack(credential)
    except DoesNotFit:
        assert len(json.dumps(to_document(message))) > 1200, "only the longest do not fit"
        return
    assert compact.unpack(packed) == (message, credential)


@given(messages(), st.sampled_from([SERVICE, a_key(ECDSA_P256)]), st.none() | places)
def test_what_the_service_issues_comes_back_byte_for_byte(
    message: Message, key: IssuerKey, place: Place | None
) -> None:
    issued = issue(replace(message, issuer=key.did), key, to_status(place) if place else None)
    try:
        text = armour.wrap(compact.pack(json.loads(issued.json)))
    except DoesNotFit:
        return

    assert canonical(json.loads(pasted.read(text).credential)).decode() == issued.json


@given(messages(), issuers, signatures)
def test_what_was_found_in_a_chat_is_what_was_sent(message: Message, issuer: Issuer, signature: bytes) -> None:
    credential = credential_of(replace(message, issuer=issuer.did), signature, issuer)
    try:
        text = armour.wrap(compact.pack(credential))
    except DoesNotFit:
        return
    chat = f"Hi cf1! Here:\n> {text[:30].lower()}\n> *{text[30:]}* thanks, Ana"

    assert json.loads(pasted.read(chat).credential) == credential


@pytest.mark.parametrize(
    "change",
    [
        {"created": "2026-01-31T12:00:01Z"},
        {"proofPurpose": "authentication"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"proofValue": "z" + b58encode(b"\1" * 63).decode()},
        {"proofValue": "u" + b58encode(b"\1" * 64).decode()},
        {"proofValue": 7},
        {"verificationMethod": f"{PAYEE}#{PAYEE[8:]}"},
        {"nonce": "x"},
        {"@context": []},
    ],
)
def test_a_proof_that_the_template_does_not_give_does_not_fit(change: dict[str, Any]) -> None:
    credential = credential_of(a_message(a_request()))
    credential["proof"].update(change)

    with pytest.raises(DoesNotFit):
        compact.pack(credential)


@pytest.mark.parametrize(
    "change",
    [
        {"statusPurpose": "suspension"},
        {"statusListIndex": 7},
        {"statusListIndex": "07"},
        {"statusListIndex": "-7"},
        {"statusListCredential": "https://pay.example.org/lists/1"},
        {"statusListCredential": "https://pay.example.org/status-lists/2"},
        {"id": "https://pay.example.org/status-lists/1#8"},
        {"statusSize": 1},
        {"type": "StatusList2021Entry"},
    ],
)
def test_a_place_of_another_form_does_not_fit(change: dict[str, Any]) -> None:
    """It travels as CLASSIC, in which anything can be written."""
    credential = credential_of(a_message(a_request()), place=PLACE)
    compact.pack(credential)

    with pytest.raises(DoesNotFit):
        compact.pack({**credential, "credentialStatus": credential["credentialStatus"] | change})


@pytest.mark.parametrize("status", [None, [], {}, "x", [to_status(PLACE)], {"statusListCredential": 7}])
def test_what_is_no_place_does_not_fit(status: Any) -> None:
    with pytest.raises(DoesNotFit):
        compact.pack({**credential_of(a_message(a_request())), "credentialStatus": status})


@pytest.mark.parametrize("vc", [None, [], {}, {"proof": {}}, "x", {"proof": {"proofValue": "z1"}}])
def test_what_is_no_credential_does_not_fit(vc: Any) -> None:
    with pytest.raises(DoesNotFit):
        compact.pack(vc)


@given(messages(), issuers, signatures, st.data())
def test_other_bytes_are_another_message_or_none(
    message: Message, issuer: Issuer, signature: bytes, data: st.DataObject
) -> None:
    """There is one way to write a message: what is read is what would be written, or it is refused."""
    try:
        sent = credential_of(replace(message, issuer=issuer.did), signature, issuer)
        packed = bytearray(compact.pack(sent))
    except DoesNotFit:
        return
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        credential = compact.unpack(bytes(packed))[1]
    except (MalformedMessage, FormatNotSupported):
        return
    assert compact.pack(credential) == packed
    assert credential != sent


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(MalformedMessage, FormatNotSupported):
        compact.unpack(content)


@pytest.mark.parametrize(
    "content",
    [
        bytes([0x11, 0x11]) + b"\xff" * 400,
        bytes([0x11, 0x21]) + b"\x80" * 400,
        bytes([0x11, 0x21]) + (1024 * 8 + 6).to_bytes(2, "little") * 90,
        bytes([0x21, 0x11]) + bytes(300),
    ],
    ids=["numbers without end", "lengths without end", "letters without end", "a later template"],
)
def test_hostile_bytes_are_refused(content: bytes) -> None:
    with pytest.raises((MalformedMessage, FormatNotSupported)):
        compact.unpack(content)


def test_a_changed_letter_is_refused_wherever_it_stands() -> None:
    """A changed case is no change: reading ignores it."""
    text = armour.wrap(compact.pack(credential_of(a_message(a_request()))))
    sent = pasted.read(text)
    for at in range(len(text)):
        for bit in range(7):
            changed = text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :]
            if changed.upper() == text:
                assert pasted.read(changed) == sent
                continue
            with pytest.raises((TextDamaged, FormatNotSupported)):
                pasted.read(changed)


def test_damage_is_told_from_forgery_and_says_what_is_missing_where_it_can() -> None:
    text = armour.wrap(compact.pack(credential_of(a_message(a_request()))))

    with pytest.raises(TextDamaged, match="its end is missing: 195 of"):
        pasted.read(text[:200])
    with pytest.raises(TextDamaged, match="letters 37 to 67 were changed"):
        pasted.read(text[:36] + "Z" * 31 + text[67:])
    with pytest.raises(TextDamaged, match="changed, left out or doubled"):
        pasted.read(text[:100] + text[101] + text[100] + text[102:])


def test_two_messages_in_one_text_are_not_guessed_between() -> None:
    one, two = (armour.wrap(compact.pack(credential_of(a_message(a_request()), bytes([n]) * 64))) for n in (1, 2))

    assert pasted.read(f"{one} again: {one}").text == one
    with pytest.raises(MalformedMessage, match="several"):
        pasted.read(f"{one}\n{two}")


def test_two_messages_of_either_format_are_not_guessed_between() -> None:
    """The browser reads COMPACT alone: it would show one claim, and the server book the other."""
    one, two = (credential_of(a_message(a_request()), bytes([number]) * 64) for number in (1, 2))
    short, (long, other) = armour.wrap(compact.pack(one)), (classic.write(json.dumps(each)) for each in (one, two))

    assert pasted.read(f"{long} again: {long}").text == long
    for text in (f"{short} {other}", f"{other} {short}", f"{long}\n{other}"):
        with pytest.raises(MalformedMessage, match="several"):
            pasted.read(text)


def test_a_text_of_a_later_version_is_told_as_such() -> None:
    with pytest.raises(FormatNotSupported):
        pasted.read("Look: CF2" + "7Z" * 50)


@given(st.binary(min_size=1, max_size=armour.CONTENT_BYTES_MAX))
def test_the_armour_gives_back_what_it_was_given(content: bytes) -> None:
    assert armour.find(armour.wrap(content))[0] == content


def test_a_text_that_begins_like_a_code_over_and_over_costs_little() -> None:
    found = armour.find("CF1" * 20000)

    assert len(found) == 64
    assert all(isinstance(each, Damaged) for each in found)


@given(st.text(max_size=600), st.integers(-(2**60), 2**60))
def test_texts_and_numbers_come_back(text: str, number: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    out = Writer()
    out.text(text)
    out.signed(number)
    read = Reader(bytes(out.bytes))

    assert (read.text(), read.signed(), read.left) == (text, number, 0)


def test_the_tables_are_frozen() -> None:
    assert CURRENCIES[:4] == ("EUR", "USD", "GBP", "CHF")
    assert (CURRENCIES.index("BTC"), CURRENCIES.index("UYW"), WORDS.index("network")) == (18, len(CURRENCIES) - 1, 15)
    assert set(CURRENCIES) == set(DECIMALS), "a new currency is added at the end of both"
    assert len(set(WORDS)) == len(WORDS)


def test_a_long_message_travels_as_classic() -> None:
    from services.codec.usecases import write

    han = "".join(chr(0x4E00 + n) for n in range(340))
    method = PaymentMethod("x", {"a": han[170:254], "b": han[254:338]})
    request = replace(a_request(), payee=Party("Ana"), description=han[:170], methods=(method,))
    short = json.dumps(credential_of(a_message(request)))
    issuer = "did:web:" + "a" * 240
    long = json.dumps(credential_of(replace(a_message(request), issuer=issuer)))

    assert write(short, TextFormat.COMPACT)[0] is TextFormat.COMPACT
    assert write(long, TextFormat.COMPACT)[0] is TextFormat.CLASSIC
