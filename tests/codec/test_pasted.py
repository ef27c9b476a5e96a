"""A code is found in what people paste, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codec import pasted
from services.codec.domain import TextDamaged, TextTooLong
from tests.codec.pictures import TEXT
from tests.messages_strategies import AN_ISSUER
from tests.processor_time import at_most


def broken_over_lines(width: int, end: str) -> str:
    return end.join(TEXT[at : at + width] for at in range(0, len(TEXT), width))


@pytest.mark.parametrize(
    "pasted_text",
    [
        TEXT,
        f"  {TEXT}\n",
        broken_over_lines(76, "\r\n"),
        broken_over_lines(1, " "),
        broken_over_lines(40, "\u00a0\n\t"),
        f"Hello Ben, here is the request:\n{TEXT}\nThanks!",
        f"eNjoy it {TEXT} thanks",
        f"[31/01/2026, 12:00] Anna: {TEXT}",
        f'Please pay "{TEXT}".',
        f"```{TEXT}```",
    ],
    ids=range(10),
)
def test_a_message_is_found_in_what_was_pasted(pasted_text):
    reading = pasted.read(pasted_text)

    assert reading.text == TEXT
    assert reading.message is not None
    assert reading.message.issuer == AN_ISSUER


@pytest.mark.parametrize("greeting", ["", "Here it is:\n"])
def test_a_text_cut_in_half_is_damaged(greeting):
    for half in (TEXT[: len(TEXT) // 2], TEXT[len(TEXT) // 2 :]):
        with pytest.raises(TextDamaged):
            pasted.read(greeting + half)


@pytest.mark.parametrize(
    "text", ["", " ", "hello", "https://example.com/pay?id=eN1", "eN", "=" * 9, "\0", "é" * 99, "😀"]
)
def test_what_is_no_message_is_damaged(text):
    with pytest.raises(TextDamaged):
        pasted.read(text)


@given(st.text())
def test_no_text_does_anything_but_be_refused(text):
    with pytest.raises(TextDamaged):
        pasted.read(text)


@pytest.mark.parametrize("text", [TEXT + " " * 65536, "é" * 32769, "e" * 5_000_000])
def test_a_text_of_more_than_64_kib_is_too_long(text):
    with pytest.raises(TextTooLong):
        pasted.read(text)


@pytest.mark.parametrize("part", ["e", "eN ", "A=", "CF1", "cf1 ", "eNq/", "= ", "\n", "é"])
def test_the_longest_text_that_is_read_at_all_takes_little_time(part):
    text = (part * 65536)[: 65536 // len(part.encode()) * len(part)][:65536]
    while len(text.encode()) > 65536:
        text = text[:-1]

    with at_most(0.5), pytest.raises(TextDamaged):
        pasted.read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, True),
        (TEXT[:50], True),
        ("CF1AB", True),
        ("https://example.com", False),
        ("WIFI:S:net;;", False),
        ("", False),
    ],
)
def test_a_web_address_does_not_look_like_a_message(text, expected):
    assert pasted.may_be_message(text) is expected
