"""What holds for every message: signing and verifying agree, and nothing that is signed can change unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.issuing import issue
from services.credentials.reading import read
from services.credentials.verification import Circumstances
from services.messages.document import Document
from services.messages.message import Message, PaymentMethod, Request
from tests.credentials.parties import NOON, SUITES, a_key, failing, verdict_on
from tests.messages_strategies import messages

KEYS = {suite: a_key(suite, 4) for suite in SUITES}
each_suite = pytest.mark.parametrize("suite", SUITES)

Path = tuple[str | int, ...]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@each_suite
@given(data=st.data())
def test_every_message_verifies_once_it_is_signed_and_reads_back_the_same(suite, data):
    key = KEYS[suite]
    message = replace(data.draw(messages()), issuer=key.did)

    credential = issue(message, key)
    verdict = verdict_on(credential.json, Circumstances(message.issued_at, own={key.did}))
    reading = read(credential.json)

    assert verdict.verified, failing(verdict)
    assert failing(verdict) <= {"validity_time", "issuer_authority"}
    assert (reading.message, reading.digest) == (message, credential.digest)


@each_suite
@given(data=st.data())
def test_signing_again_gives_the_same_bytes_in_whatever_order_details_come(suite, data):
    key = KEYS[suite]
    message = replace(data.draw(messages()), issuer=key.did)

    assert issue(_backwards(message), key) == issue(message, key)


@each_suite
@given(data=st.data())
def test_a_character_changed_anywhere_does_not_go_unnoticed(suite, data):
    key = KEYS[suite]
    secured = json.loads(issue(replace(data.draw(messages()), issuer=key.did), key).json)
    path, text = data.draw(st.sampled_from(list(_texts(secured))))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != text[place]))
    _put(secured, path, text[:place] + other + text[place + 1 :])

    verdict = verdict_on(secured, Circumstances(NOON, own={key.did}))

    assert not verdict.verified
    # A changed name of the key may lead to where no key can be looked up, but then it is not the issuer's.
    assert failing(verdict) & ({"signature", "key_control"} if path[0] == "proof" else {"schema", "signature"})


@given(json_values, st.dictionaries(st.text(max_size=8), st.none() | st.text() | st.floats(), max_size=4))
def test_no_json_at_all_is_an_exception(value, proof):
    for text in (json.dumps(value), json.dumps({"proof": proof, "credentialSubject": value, "issuer": value})):
        assert not verdict_on(text).verified


@given(st.text())
def test_no_text_at_all_is_an_exception(text):
    assert not verdict_on(text).verified


def _backwards(message: Message) -> Message:
    """The same message with the details of its methods in another order, as protobuf's maps may hand them over."""
    if not isinstance(message.statement, Request):
        return message
    methods = tuple(
        PaymentMethod(each.method, dict(reversed(list(each.details.items())))) for each in message.statement.methods
    )
    return replace(message, statement=replace(message.statement, methods=methods))


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and value:
        yield path, value
    entries: Iterable[tuple[str | int, Any]]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in entries:
        yield from _texts(item, (*path, name))


def _put(document: Document, path: Path, value: str) -> None:
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
