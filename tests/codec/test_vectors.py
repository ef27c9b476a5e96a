"""The vectors of COMPACT are frozen, and are read as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from services.codec import armour, compact, dossier
from services.codec.words import CURRENCIES, WORDS
from services.messages.document import message_digest
from services.messages.protobuf import to_message
from tests.vectors.compact import make, verdicts


def read(name: str) -> list[Any]:
    values: list[Any] = json.loads((make.DIRECTORY / name).read_text())
    return values


def vectors(name: str) -> list[Any]:
    return [pytest.param(value, id=value["name"]) for value in read(name)]


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


@pytest.mark.parametrize("vector", vectors("dossiers.json"))
def test_a_dossier_is_read_as_it_says(vector: dict[str, Any]) -> None:
    found = verdicts.read(vector["text"])
    told = dossier.unpack(bytes.fromhex(vector["content"]))

    assert found.verdict == vector["verdict"], found
    fields = [MessageToDict(to_message(message)) for message, _ in told]
    assert fields == [each["message"] for each in vector["messages"]]
    for each, expected in zip(found.dossier, vector["messages"], strict=True):
        checks = {name: (each.checks or {})[name] for name in ("issuer_authority", "link")}
        assert {"verdict": each.verdict, "credential": each.credential, "digest": each.digest, **checks} == {
            name: value for name, value in expected.items() if name != "message"
        }
    assert armour.wrap(dossier.pack([json.loads(each["credential"]) for each in vector["messages"]])) == vector["text"]


def test_links_in_a_dossier_hold_and_only_the_payee_has_the_authority_to_answer() -> None:
    told = {each["name"]: each["messages"] for each in read("dossiers.json")}
    answered = {name: messages[-1]["issuer_authority"] for name, messages in told.items()}

    assert {each["link"] for messages in told.values() for each in messages} == {"pass"}
    assert {name for name, outcome in answered.items() if outcome != "pass"} == {
        "answered by somebody else than the payee",
    }


@pytest.mark.parametrize("twin", vectors("twins.json"))
def test_a_twin_is_refused_for_what_it_is(twin: dict[str, str]) -> None:
    found = verdicts.read(twin["text"])

    assert found.verdict == twin["verdict"], found


def test_every_kind_is_there_in_both_suites_and_from_an_issuer_whose_key_is_not_at_hand() -> None:
    heads = [bytes.fromhex(each["content"])[:2] for each in read("valid.json")]

    assert {first & 15 for first, _ in heads} == {1, 2, 3, 4, 5}
    assert {second & 15 for _, second in heads} == {1, 2}
    assert {second >> 4 for _, second in heads} == {1, 2, 1 | 4, 2 | 4, 1 | 8}


def test_the_specification_has_the_lists_of_the_code() -> None:
    blocks = (Path(__file__).parents[2] / "docs/compact-format.md").read_text().split("```")
    currencies, words = blocks[-4].split(), blocks[-2].replace("\n", "").split("|")

    assert (tuple(currencies), tuple(words)) == (CURRENCIES, WORDS)
