"""Bitstring status lists: the peer reads the bits of ours, and we those of the lists that it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from services.credentials import proofs, status_lists
from services.credentials.domain import Outcome
from services.credentials.status_lists import ENTRIES, Place
from services.messages.document import Document, to_timestamp
from tests.credentials.parties import outcomes, verdict_on
from tests.interop.asking import Answer, ask
from tests.interop.documents import CREATED, SEED, documents
from tests.interop.keys import ED25519, P256

HERE = "https://pay.example.org"
ADDRESS = status_lists.address_of(HERE, 1)
# The peer looks at its own clock.
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
LISTS = 300


def test_the_peer_reads_the_same_bits_in_our_list():
    answer = ask("status_list_read.js", _settings(our_list()), [{"all": True}])[0]

    assert answer == {"length": ENTRIES, "set": sorted(our_revoked())}


def test_the_peer_finds_each_of_our_credentials_revoked_or_not():
    """300 of them, half of the time at a place that is revoked."""
    random = Random(SEED + 1)
    places = [random.choice([random.choice(our_revoked()), random.randrange(ENTRIES)]) for _ in documents(ED25519.did)]
    credentials = [_at(document, index) for document, index in zip(documents(ED25519.did), places, strict=True)]
    answers = ask("status_list_read.js", _settings(our_list()), credentials)

    revoked = set(our_revoked())
    assert answers == [{"verified": True, "status": index in revoked} for index in places]
    assert 0 < sum(answer["status"] for answer in answers) < len(answers)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"validUntil": to_timestamp(NOW + timedelta(days=9))}, "not verified"),
        ({"credentialSubject": {"statusPurpose": "suspension"}}, "purpose"),
        ({"issuer": P256.did}, "not verified"),
    ],
    ids=["changed", "another purpose", "another issuer"],
)
def test_the_peer_does_not_take_a_list_that_is_not_ours(change, reason):
    answer = _ask_about_one(_settings({**our_list(), **change}))

    assert not answer["verified"]
    assert reason in answer["reason"]


def test_we_read_the_same_bits_in_the_peers_lists():
    for (document, revoked), secured in zip(their_lists(), signed_by_the_peer(), strict=True):
        entry = status_lists.read_entries(status_lists.to_status(HERE, Place(document["number"], 0)))[0]
        assert outcomes(verdict_on(secured))["signature"] is Outcome.PASS
        bits, _ = status_lists.bits_of(secured, entry)
        assert list(_set(bits)) == revoked


def test_we_refuse_a_list_that_is_shorter_than_the_specification_allows():
    """The peer makes and reads lists of any length; a short one tells whose place is whose."""
    secured = _sign([{**_list(0, [3]), "length": 8}])[0]
    entry = status_lists.read_entries(status_lists.to_status(HERE, Place(0, 3)))[0]

    assert ask("status_list_read.js", _settings(secured), [{"all": True}])[0] == {"length": 8, "set": [3]}
    with pytest.raises(status_lists.Broken, match="too short"):
        status_lists.bits_of(secured, entry)


@cache
def our_revoked() -> list[int]:
    places = Random(SEED).sample(range(ENTRIES), 2000)
    return [0, 7, 8, ENTRIES - 1, *(place for place in places if 8 < place < ENTRIES - 1)]


@cache
def our_list() -> Document:
    document = status_lists.to_list(ADDRESS, ED25519.did, our_revoked(), NOW)
    return json.loads(json.dumps(proofs.secure(document, ED25519, to_timestamp(NOW))[0]))  # type: ignore[no-any-return]


@cache
def their_lists() -> list[tuple[dict[str, Any], list[int]]]:
    """What each list is to have, from none revoked to a thousand."""
    random = Random(SEED)
    sets = [sorted(random.sample(range(ENTRIES), random.choice([0, 1, 10, 100, 1000]))) for _ in range(LISTS)]
    return [(_list(number, revoked), revoked) for number, revoked in enumerate(sets)]


@cache
def signed_by_the_peer() -> list[Document]:
    return _sign([document for document, _ in their_lists()])


def _list(number: int, revoked: list[int]) -> dict[str, Any]:
    fields = {"issuer": ED25519.did, "validFrom": CREATED}
    return {
        "number": number,
        "id": status_lists.address_of(HERE, number),
        "length": ENTRIES,
        "set": revoked,
        "fields": fields,
    }


def _sign(lists: list[dict[str, Any]]) -> list[Document]:
    settings = {"cryptosuite": ED25519.cryptosuite, "key": ED25519.to_multikey(), "created": CREATED}
    return [answer["secured"] for answer in ask("status_list_write.js", settings, lists)]


def _settings(secured: Document) -> dict[str, Any]:
    return {"cryptosuite": ED25519.cryptosuite, "list": secured}


def _ask_about_one(settings: dict[str, Any]) -> Answer:
    return ask("status_list_read.js", settings, [_at(documents(ED25519.did)[0], 0)])[0]


def _at(document: Document, index: int) -> Document:
    return {**document, "credentialStatus": status_lists.to_status(HERE, Place(1, index))}


def _set(bits: bytes) -> Iterator[int]:
    """The places that our verifier finds set, asked only about bytes that have a bit."""
    for place, byte in enumerate(bits):
        if byte:
            yield from (index for index in range(8 * place, 8 * place + 8) if status_lists.is_set(bits, index))
