"""No text can be changed: by accident, which the checksum shows, or by somebody who makes the checksum anew."""

from __future__ import annotations

import json
import random
from time import process_time
from typing import Any

import pytest

from services.codec import armour, pasted
from services.codec.armour import PREFIX
from services.codec.domain import TextDamaged
from services.messages.refusals import FormatNotSupported
from tests.vectors.compact import make, verdicts

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFERENCES = ("request: reference", "request: P-256", "claim: reference", "acknowledgement: reference", "reference")
BITS_MAX = 600


def vectors() -> list[dict[str, Any]]:
    files = (make.DIRECTORY / name for name in ("valid.json", "dossiers.json"))
    return [each for file in files for each in json.loads(file.read_text())]


def test_one_changed_letter_or_bit_in_any_text_is_refused() -> None:
    """Of every vector every letter is changed twice: to another one, and in one bit."""
    chance, tries, began = random.Random(7), 0, process_time()
    for text in (each["text"] for each in vectors()):
        for at, letter in enumerate(text):
            for other in (chance.choice(LETTERS), chr(ord(letter) ^ 1 << chance.randrange(7))):
                if other.upper() == letter:
                    continue
                changed = text[:at] + other + text[at + 1 :]
                with pytest.raises((TextDamaged, FormatNotSupported)):
                    pasted.read(changed)
                tries += 1

    assert tries > 40_000
    assert (process_time() - began) / tries < 0.001


def test_letters_in_each_others_place_are_refused() -> None:
    chance = random.Random(7)
    for text in (each["text"] for each in vectors()):
        for at in chance.sample(range(len(PREFIX), len(text) - 1), 60):
            if text[at] == text[at + 1]:
                continue
            with pytest.raises(TextDamaged):
                pasted.read(text[:at] + text[at + 1] + text[at] + text[at + 2 :])


@pytest.mark.parametrize("name", REFERENCES)
def test_no_bit_can_be_changed_by_who_makes_the_checksum_anew(name: str) -> None:
    (content,) = [bytes.fromhex(each["content"]) for each in vectors() if each["name"] == name]
    bits = random.Random(7).sample(range(8 * len(content)), BITS_MAX)
    found = set()
    for bit in bits:
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        found.add(verdicts.read(armour.wrap(bytes(changed))).verdict)

    assert "forged" in found
    assert found <= {"forged", "malformed", "unsupported"}
