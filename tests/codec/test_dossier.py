"""A dossier holds a whole conversation exactly, or refuses it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.codec import armour, compact, dossier, pasted
from services.codec.domain import TextDamaged, TextFormat
from services.codec.signed import DoesNotFit
from services.messages.document import Document, message_digest
from services.messages.message import Acknowledgement, Cancellation, Claim, Message, Rejection, Request
from services.messages.refusals import FormatNotSupported, MalformedMessage
from tests.codec.signed import credential_of, issuers, places, signatures
from tests.messages_strategies import claims, instants, monies, reasons, requests
from tests.vectors.compact.contents import text
from tests.vectors.compact.conversations import REFERENCE, conversations
from tests.vectors.compact.samples import ASKED, BO, CLAIMED, SHOP, message
from tests.vectors.compact.torn import issued

TOLD = issued(REFERENCE)


@st.composite
def told(draw: st.DrawFn) -> list[Document]:
    """The credentials of a conversation: a request, claims with and without answers, perhaps a cancellation."""
    session, ids = draw(st.uuids()), iter(draw(st.lists(st.uuids(), min_size=8, max_size=8, unique=True)))
    people = draw(st.lists(issuers, min_size=1, max_size=3))
    lists = st.none() | st.sampled_from(draw(st.lists(places, min_size=1, max_size=2)))
    found: list[Document] = []

    def say(statement: Any) -> Message:
        issuer = draw(st.sampled_from(people))
        said = Message(next(ids), session, issuer.did, draw(instants), statement)
        found.append(credential_of(said, draw(signatures), issuer, draw(lists)))
        return said

    asked = say(draw(requests()))
    assert isinstance(asked.statement, Request)
    digest, amounts = message_digest(asked), st.just(asked.statement.amount) | monies
    for _ in range(draw(st.integers(0, 3))):
        statement = replace(draw(claims()), request_digest=digest, amount=draw(amounts))
        claimed = say(statement)
        link = (claimed.id, message_digest(claimed))
        match draw(st.integers(0, 2)):
            case 0:
                say(Acknowledgement(*link, draw(st.just(statement.amount) | monies)))
            case 1:
                say(Rejection(*link, draw(reasons)))
    if len(found) == 1 or draw(st.booleans()):
        say(Cancellation(digest, draw(reasons)))
    return found


@given(told())
@settings(max_examples=60)
def test_a_conversation_comes_back_exactly_or_does_not_fit(credentials: list[Document]) -> None:
    try:
        content = dossier.pack(credentials)
    except DoesNotFit:
        assert len(json.dumps(credentials)) > 2400, "only the longest do not fit"
        return
    assert [vc for _, vc in dossier.unpack(content)] == credentials
    assert [json.loads(each) for each in pasted.read(f"Hi: {armour.wrap(content).lower()}").dossier] == credentials


@given(told(), st.data())
@settings(max_examples=60)
def test_other_bytes_are_another_conversation_or_none(credentials: list[Document], data: st.DataObject) -> None:
    try:
        content = bytearray(dossier.pack(credentials))
    except DoesNotFit:
        return
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    if not dossier.holds(bytes(content)):
        return
    try:
        found = [vc for _, vc in dossier.unpack(bytes(content))]
    except MalformedMessage:
        return
    assert dossier.pack(found) == content
    assert found != credentials


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with pytest.raises((MalformedMessage, FormatNotSupported)):
        dossier.unpack(b"\x16" + content)


def test_what_is_read_of_a_dossier_is_its_last_message_and_all_credentials() -> None:
    code = armour.wrap(dossier.pack(TOLD))
    read = pasted.read(f"The whole story:\n> {code[:99].lower()}\n> {code[99:]} Regards")

    assert (read.format, read.text, read.message) == (TextFormat.COMPACT, code, REFERENCE[-1][0])
    assert list(map(json.loads, read.dossier)) == TOLD
    assert json.loads(read.credential) == TOLD[-1]


def test_a_dossier_is_much_shorter_than_its_messages() -> None:
    assert len(dossier.pack(TOLD)) < 0.75 * sum(len(compact.pack(each)) for each in TOLD)


def test_what_one_service_says_for_both_names_its_key_and_its_list_once() -> None:
    (hosted,) = [issued(each) for name, each in conversations() if name == "one service that speaks for both"]
    content = dossier.pack(hosted)

    assert content.count(text(SHOP.did)) == 1
    assert content.count(text("pay.example.org")) == 1


_ELSEWHERE = replace(CLAIMED, session_id=UUID(int=7))
_OF_NOTHING = message(CLAIMED.id, Claim(bytes(32), CLAIMED.statement.amount), BO)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "credentials",
    [
        [],
        TOLD[:1],
        TOLD[1:],
        [TOLD[1], TOLD[0], TOLD[2]],
        [TOLD[0], TOLD[2], TOLD[1]],
        [TOLD[0], TOLD[2]],
        [*TOLD, TOLD[1]],
        [TOLD[0], *TOLD],
        [TOLD[0], credential_of(_ELSEWHERE)],
        [TOLD[0], credential_of(_OF_NOTHING)],
        [TOLD[0], {**TOLD[1], "name": "one field more"}],
        [TOLD[0], credential_of(CLAIMED, b"\1" * 63)],
        [TOLD[0], None],
        [TOLD[0], {}],
        [credential_of(ASKED), *(credential_of(replace(CLAIMED, id=UUID(int=n << 80))) for n in range(1, 12))],
    ],
    ids=[
        "nothing",
        "a request alone",
        "no request",
        "a claim before the request",
        "an answer before the claim",
        "an answer without its claim",
        "a claim twice",
        "a request twice",
        "a claim of another session",
        "a claim of another request",
        "a credential that is not of the template",
        "a short signature",
        "no credential",
        "an empty credential",
        "more than one text holds",
    ],
)
def test_what_is_not_one_conversation_does_not_fit(credentials: list[Any]) -> None:
    with pytest.raises(DoesNotFit):
        dossier.pack(credentials)


def test_a_changed_letter_is_refused_wherever_it_stands() -> None:
    code = armour.wrap(dossier.pack(TOLD))
    for at in range(len(code)):
        for other in "07AZ":
            if other == code[at]:
                continue
            with pytest.raises((TextDamaged, FormatNotSupported)):
                pasted.read(code[:at] + other + code[at + 1 :])


def test_what_is_cut_off_a_dossier_leaves_a_shorter_conversation_or_nothing() -> None:
    content, shorter = dossier.pack(TOLD), len(dossier.pack(TOLD[:2]))
    for end in range(1, len(content)):
        if end == shorter:
            continue
        with pytest.raises(MalformedMessage):
            dossier.unpack(content[:end])

    assert [vc for _, vc in dossier.unpack(content[:shorter])] == TOLD[:2]
