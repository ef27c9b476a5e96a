"""Every forgery fails the check that is named for it, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from services.credentials.domain import CHECKS_OF_ACCEPTED, Outcome
from services.credentials.verification import Circumstances
from services.messages.document import Document
from tests.credentials.forgeries import FORGERIES, Forgery, genuine
from tests.credentials.parties import NOON, SUITES, a_key, detail, failing, outcomes, verdict_on
from tests.processor_time import at_most

Path = tuple[str | int, ...]

each_suite = pytest.mark.parametrize("suite", SUITES)
each_forgery = pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)


@each_suite
def test_the_genuine_credential_passes_every_check(suite):
    key = a_key(suite)

    verdict = verdict_on(genuine(key), Circumstances(NOON, own={key.did}))

    assert set(outcomes(verdict).values()) == {Outcome.PASS}
    assert verdict.verified
    assert verdict.accepted


@each_suite
@each_forgery
def test_a_forgery_fails_the_checks_named_for_it_and_no_others(forgery: Forgery, suite):
    key = a_key(suite)

    document = forgery.make(key)
    with at_most(1):
        verdict = verdict_on(document, Circumstances(NOON, own={key.did}))

    assert failing(verdict) == forgery.fails
    assert not verdict.accepted
    assert verdict.verified == forgery.fails.issubset({"validity_time", "issuer_authority"})


@each_suite
@each_forgery
def test_a_verdict_always_has_every_check_in_order_with_a_sentence(forgery: Forgery, suite):
    verdict = verdict_on(forgery.make(a_key(suite)))

    assert tuple(check.name for check in verdict.checks) == CHECKS_OF_ACCEPTED
    assert all(check.detail for check in verdict.checks)


def test_a_message_without_a_credential_is_signed_by_nobody_and_the_verdict_says_so():
    verdict = verdict_on("")

    assert detail(verdict, "parse") == "the message came without a credential, so nobody has signed it"
    assert set(outcomes(verdict).values()) == {Outcome.FAIL, Outcome.UNKNOWN}


@pytest.mark.parametrize(
    "text", ["null", "1", '"x"', "[]", "{}", '{"proof":{}}', '{"proof":null}', "x", "\0", "1e99999"]
)
def test_what_is_no_credential_gets_a_verdict_and_no_exception(text):
    verdict = verdict_on(text)

    assert failing(verdict)
    assert not verdict.verified


@pytest.mark.parametrize("junk", [None, True, 1, 1.5, "", "x", [], {}, ["x"], {"x": "y"}, [[[]]], "did:key:z"])
@each_suite
def test_junk_in_the_place_of_any_field_gets_a_verdict_and_no_exception(junk, suite):
    secured = genuine(a_key(suite))
    for path in _paths(secured):
        verdict = verdict_on(_with(secured, path, junk))

        assert not verdict.verified, path


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    entries: Iterable[tuple[str | int, Any]]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in entries:
        yield from _paths(item, (*path, name))


def _with(document: Document, path: Path, value: Any) -> Document:
    copy: Document = json.loads(json.dumps(document))
    place: Any = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copy
