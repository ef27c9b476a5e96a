"""Credentials made again from nothing but a COMPACT text: the peers verify them, and none with a change."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from services.codec import pasted
from services.messages.document import Document
from tests.interop.asking import Answer, ask
from tests.interop.tampering import changed
from tests.vectors.compact.make import DIRECTORY

each_suite = pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
KINDS = {"Request", "Claim", "Acknowledgement", "Rejection", "Cancellation"}


@each_suite
def test_the_peer_verifies_what_is_made_again_from_a_text(suite: str) -> None:
    credentials = made_again(suite)
    answers = the_peers_verdicts(suite)[: len(credentials)]

    assert [answer for answer in answers if not answer["verified"]] == []


@each_suite
def test_the_peer_refuses_what_was_changed_after_it_was_made_again(suite: str) -> None:
    credentials = changed(made_again(suite))
    answers = the_peers_verdicts(suite)[-len(credentials) :]

    assert [each for each, answer in zip(credentials, answers, strict=True) if answer["verified"]] == []


def test_these_are_all_kinds_and_every_message_of_dossiers_and_some_can_be_revoked() -> None:
    for suite in ("eddsa-jcs-2022", "ecdsa-jcs-2019"):
        kinds = {each["type"][1].removeprefix("Payment").removesuffix("Credential") for each in made_again(suite)}
        assert kinds == KINDS
        assert any("credentialStatus" in each for each in made_again(suite))


@cache
def made_again(suite: str) -> list[Document]:
    """From the texts alone: single messages, and all messages of dossiers."""
    found = []
    for vector in [*_vectors("valid.json"), *_vectors("dossiers.json")]:
        read = pasted.read(vector["text"])
        found += [json.loads(each) for each in read.dossier or [read.credential]]
    # The keys of others are not at hand.
    return [each for each in found if each["proof"]["cryptosuite"] == suite and each["issuer"].startswith("did:key:")]


@cache
def the_peers_verdicts(suite: str) -> list[Answer]:
    """On what was made again, and then on the same with a change."""
    credentials = made_again(suite)
    return ask("verify.js", {"cryptosuite": suite}, [*credentials, *changed(credentials)])


def _vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DIRECTORY.joinpath(name).read_text())
    return found
