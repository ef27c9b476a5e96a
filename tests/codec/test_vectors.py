"""The vectors of COMPACT are frozen, and are read as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from services.codec import armour, compact
from services.codec.words import CURRENCIES, WORDS
from services.messages.document import message_digest
from services.messages.protobuf import to_message
from tests.vectors.compact import make, verdicts


def vectors(name: str) -> list[Any]:
    values: list[Any] = json.loads((make.DIRECTORY / name).read_text())
    return [pytest.param(value, id=value["name"]) for value in values]


def test_the_vectors_are_made_again_byte_for_byte() -> None:
    for name, text in make.files().items():
        assert make.DIRECTORY.joinpath(name).read_text() == text, name


@pytest.mark.parametrize("vector", vectors("valid.json"))
def test_a_vector_is_read_as_it_says(vector: dict[str, Any]) -> None:
    found = verdicts.read(vector["text"])
    message, credential = compact.unpack(bytes.fromhex(vector["content"]))

    assert found.verdict == vector["verdict"], found
    assert (found.credential, found.digest) == (vector["credential"], vector["digest"])
    assert (MessageToDict(to_message(message)), message_digest(message).hex()) == (vector["message"], vector["digest"])
    assert armour.wrap(compact.pack(credential)) == vector["text"]


@pytest.mark.parametrize("twin", vectors("twins.json"))
def test_a_twin_is_refused_for_what_it_is(twin: dict[str, str]) -> None:
    found = verdicts.read(twin["text"])

    assert found.verdict == twin["verdict"], found


def test_every_kind_is_there_in_both_suites_and_from_an_issuer_whose_key_is_not_at_hand() -> None:
    heads = [bytes.fromhex(parameter.values[0]["content"])[:2] for parameter in vectors("valid.json")]

    assert {first & 15 for first, _ in heads} == {1, 2, 3, 4, 5}
    assert {second & 15 for _, second in heads} == {1, 2}
    assert {second >> 4 for _, second in heads} == {1, 2, 1 | 8}


def test_the_specification_has_the_lists_of_the_code() -> None:
    blocks = (Path(__file__).parents[2] / "docs/compact-format.md").read_text().split("```")
    currencies, words = blocks[-4].split(), blocks[-2].replace("\n", "").split("|")

    assert (tuple(currencies), tuple(words)) == (CURRENCIES, WORDS)
