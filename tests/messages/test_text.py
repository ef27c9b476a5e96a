"""Pitfall 21: a text of a stranger shows what it says and nothing else."""

from __future__ import annotations

import pytest

from services.messages.refusals import InvalidText
from services.messages.text import one_line


@pytest.mark.parametrize(
    "text",
    [
        "Ana",
        "Zoë's café",
        "李小龙",
        "نیما\u200cی",
        "👩\u200d👩\u200d👧",
        "x" * 64,
        "a\u00a0b",
        "🇪🇺 42 €",
        "a heart of Unicode 15: \U0001fa77",
        "❤\ufe0f ✔\ufe0e ℹ\ufe0f 🏳\ufe0f\u200d🌈 🕵🏻\u200d♀\ufe0f",  # noqa: RUF001
        "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3",
        "ᠨ\u180bᠠ",
        "क्\u200dष",
    ],
)
def test_pitfall_21_names_of_all_languages_pass(text: str) -> None:
    assert one_line(text, "name", 64) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ana\x00", "nul"),
        ("Ana\r\nBen", "line break"),
        ("Ana\x1b[31m", "terminal escape"),
        ("Ana\x85", "next line"),
        ("Ana\u202egpj.exe", "right-to-left override"),
        ("\u2066Ana", "isolate"),
        ("A\u200bna", "zero width space"),
        ("Ana\ufeff", "byte order mark"),
        ("Ana\u2028", "line separator"),
        ("Ana\ud800", "surrogate"),
        ("Ana\ue000", "private use"),
        ("Ana\U000e0041", "tag character"),
        ("A\u115f", "Hangul filler"),
        ("A\u1160", "Hangul filler for a vowel"),
        ("A\u3164", "Hangul filler for compatibility"),
        ("A\uffa0", "Hangul filler of half width"),
        ("\u3164", "nothing but a filler"),
        ("A\u2800", "empty Braille cell"),
        ("A\u034f", "grapheme joiner"),
        ("A\u17b4", "Khmer vowel without a glyph"),
        ("A\ufe00", "variation selector"),
        ("葛\U000e0100", "variation selector for ideographs"),
        ("A\U000e01ff", "invisible whenever it is assigned"),
        ("Ana\u200d", "joiner with nothing to join"),
        ("A\u200cna", "joiner between letters that never join"),
        ("\u200dAna", "joiner first"),
        ("BTC\ufe0f", "emoji selector after a letter"),
        ("1\ufe0f", "emoji selector after a digit alone"),
        ("A\ufe0f\u20e3", "keycap of a letter"),
        ("A\u180b", "Mongolian selector after a letter of another script"),
        ("Zoe\u0308", "not NFC"),
        (" Ana", "leading space"),
        ("Ana ", "trailing space"),
        ("", "empty"),
        ("x" * 65, "too long"),
        ("é" * 33, "too many bytes"),
    ],
)
def test_pitfall_21_what_hides_or_reorders_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidText) as raised:
        one_line(text, "name", 64)

    assert raised.value.field == "name", why
    assert "name" in raised.value.message


def test_an_empty_text_passes_where_it_may() -> None:
    assert one_line("", "description", 64, empty=True) == ""
