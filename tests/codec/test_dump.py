"""Several codes in one text are found, each for itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codec.domain import Reading, TextDamaged, TextFormat, TextTooLong
from services.codec.dump import CODES_MAX, read_all
from services.codec.usecases import write
from services.messages.refusals import MalformedMessage
from services.runtime.refusals import Refusal
from tests.messages_strategies import A_SESSION, a_credential, a_message, a_request, as_json, messages

TEXTS = {form: write(as_json(a_credential(a_message(a_request()))), form)[1] for form in TextFormat}
COMPACT, CLASSIC = TEXTS[TextFormat.COMPACT], TEXTS[TextFormat.CLASSIC]


def whole(text: str) -> list[str]:
    return [each.text for each in read_all(text) if isinstance(each, Reading)]


def refused(text: str) -> list[Refusal]:
    return [each for each in read_all(text) if isinstance(each, Refusal)]


def test_a_text_with_one_code_is_read_as_ever():
    for text in (COMPACT, CLASSIC):
        assert whole(text) == [text]
        assert whole("\n".join(text[at : at + 60] for at in range(0, len(text), 60))) == [text]


def test_codes_of_both_forms_are_found_between_words():
    text = f"Ana: here it is {COMPACT} ok?\nBen: {CLASSIC}\n"

    assert sorted(whole(text)) == sorted([COMPACT, CLASSIC])
    assert refused(text) == []


def test_a_code_that_stands_there_twice_is_read_once():
    assert whole(f"{COMPACT} {COMPACT.lower()} {CLASSIC} {CLASSIC}") == [COMPACT, CLASSIC]


def test_a_damaged_code_beside_whole_ones_is_told():
    for damaged in (COMPACT[:-20], COMPACT[:40] + "0" + COMPACT[41:]):
        text = f"{COMPACT} then {damaged}"
        assert whole(text) == [COMPACT]
        assert [type(each) for each in refused(text)] == [TextDamaged]


def test_a_damaged_classic_code_beside_whole_ones_is_told():
    damaged = CLASSIC[:-30] + "A" * 30

    assert whole(f"{CLASSIC} {damaged} {COMPACT}") == [COMPACT, CLASSIC]
    assert len(refused(f"{CLASSIC} {damaged} {COMPACT}")) == 1


@pytest.mark.parametrize("text", ["", "hello", "CF1", f"see session {A_SESSION}"])
def test_a_text_without_any_code_says_why_it_is_none(text: str):
    [found] = read_all(text)

    assert isinstance(found, TextDamaged | MalformedMessage)


@pytest.mark.parametrize("text", ["a" * (1024 * 1024 + 1), "é" * 600_000, "CF1ZZ" * CODES_MAX])
def test_a_text_that_is_too_much_is_refused_at_once(text: str):
    with pytest.raises(TextTooLong):
        read_all(text)


@given(st.lists(messages(), min_size=1, max_size=4), st.data())
def test_whatever_is_written_is_found_again(said: list[object], data: st.DataObject):
    texts = []
    for message in said:
        form = data.draw(st.sampled_from(TextFormat))
        try:
            texts.append(write(as_json(a_credential(message)), form)[1])  # type: ignore[arg-type]
        except MalformedMessage:  # Too long for a QR code.
            continue

    found = whole("\n".join(f"> {text} <" for text in texts))

    assert set(found) >= set(texts)
