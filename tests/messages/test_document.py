"""The template between a message and its credential document is exact in both directions."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.messages import protobuf
from services.messages.canonical import canonical, read_json
from services.messages.document import from_document, message_digest, to_document
from services.messages.message import Message
from services.messages.refusals import MalformedMessage
from tests.conversations import Conversation
from tests.messages_strategies import messages

GOLDEN = (
    '{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/counterfoil/v1"],"credentialSubject":'
    '{"amount":{"currency":"EUR","value":"120.00"},"description":"two chairs","payee":{"name":"Ana"},"paymentMethods":'
    '[{"iban":"DE02120300000000202051","method":"SEPA"}],"session":"urn:uuid:01980000-0000-7000-8000-000000000001",'
    '"type":"PaymentRequest"},"id":"urn:uuid:01980000-0000-7000-8000-000000000002",'
    '"issuer":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",'
    '"type":["VerifiableCredential","PaymentRequestCredential"],"validFrom":"2026-11-21T12:00:00Z",'
    '"validUntil":"2026-11-28T12:00:00Z"}'
)


@given(messages())
def test_a_message_comes_back_from_its_document(message: Message) -> None:
    assert from_document(read_json(canonical(to_document(message)))) == message


@given(messages())
def test_a_message_comes_back_from_protobuf(message: Message) -> None:
    assert protobuf.from_message(protobuf.to_message(message)) == message


def test_template_1_is_frozen() -> None:
    """Signatures made under it must verify for ever: this text never changes."""
    request = Conversation().request().message

    assert canonical(to_document(request)).decode() == GOLDEN
    assert message_digest(request).hex() == "9a6a850975ce7cc1620f25b6cacb0fcedc7906d7d37c6f7a3308d5fec6c5d93b"


@given(messages(), st.data())
def test_a_document_with_anything_else_in_it_is_none_of_ours(message: Message, data: st.DataObject) -> None:
    document = to_document(message)
    place = data.draw(st.sampled_from([document, document["credentialSubject"]]))
    place[data.draw(st.sampled_from(["note", "amount2", "credentialStatus", "@type"]))] = "x"

    with pytest.raises(MalformedMessage):
        from_document(document)


@given(messages(), st.data())
def test_a_document_without_one_of_its_parts_is_another_message_or_none(message: Message, data: st.DataObject) -> None:
    document = to_document(message)
    place = data.draw(st.sampled_from([document, document["credentialSubject"]]))
    del place[data.draw(st.sampled_from(sorted(place)))]

    with suppress(MalformedMessage):
        assert from_document(document) != message


@pytest.mark.parametrize(
    "change",
    [
        {"validFrom": "2026-11-21T12:00:00+00:00"},
        {"validFrom": "2026-11-21T12:00:00.5Z"},
        {"validFrom": "0001-01-01T00:00:00+23:59"},
        {"id": "01980000-0000-7000-8000-000000000002"},
        {"id": "urn:uuid:0198000000007000800000000000000Z"},
        {"id": 7},
        {"issuer": {"id": "did:key:z6Mk"}},
        {"issuer": "https://example.org"},
        {"credentialSubject": []},
        {"credentialSubject": {"type": "PaymentRequest"}},
        {"credentialSubject": {"type": ["PaymentRequest"]}},
        {"type": ["VerifiableCredential"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
    ],
)
def test_a_document_of_another_form_is_refused(change: dict[str, Any]) -> None:
    document = {**to_document(Conversation().request().message), **change}

    with pytest.raises(MalformedMessage):
        from_document(document)


@pytest.mark.parametrize("document", [None, 1, "x", [], {}, {"credentialSubject": None}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(MalformedMessage):
        from_document(document)


texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_pitfall_11_the_fast_canonical_form_is_the_standards(value: Any) -> None:
    import rfc8785

    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":2}}',
        "NaN",
        "-Infinity",
        "[" * 100_000,
        '"' + "x" * 70_000 + '"',
        "1" * 30,
        "{",
        "",
    ],
)
def test_pitfall_11_json_that_two_readers_may_read_differently_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_json(text)


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800", {"\ud800": 1}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(MalformedMessage):
        canonical(value)


def test_number_1_and_1_0_are_one_value_to_the_standard() -> None:
    assert canonical(json.loads("[1.0]")) == canonical([1])
