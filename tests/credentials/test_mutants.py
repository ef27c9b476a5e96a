"""Tests of the tests: two verifiers that are wrong on purpose, and that the other tests must catch."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature

from services.credentials import proofs
from services.credentials.domain import CHECKS_OF_ACCEPTED, Check, Outcome, Verdict
from tests.credentials import parties, test_forgeries, test_stranger, test_vc_jwt, test_vectors
from tests.credentials.forgeries import FORGERIES
from tests.credentials.parties import SUITES
from tests.credentials.vectors import needs_vectors


@pytest.fixture
def hashes_swapped(monkeypatch):
    """Signs and verifies consistently, and interoperates with nobody."""
    monkeypatch.setattr(
        proofs,
        "combined",
        lambda config, hashed: hashed + proofs._HASHES[len(hashed)](config).digest(),
    )


@pytest.fixture
def yes_to_all(monkeypatch):
    yes = Verdict(tuple(Check(name, Outcome.PASS, "yes") for name in CHECKS_OF_ACCEPTED))
    monkeypatch.setattr(parties, "judge", lambda reading, circumstances: yes)


@pytest.mark.usefixtures("hashes_swapped")
@pytest.mark.parametrize("suite", SUITES)
def test_swapped_hashes_are_caught(suite):
    with pytest.raises(InvalidSignature):
        test_stranger.test_a_stranger_verifies_what_this_service_signed(suite)
    with pytest.raises(AssertionError):
        test_stranger.test_a_message_signed_by_this_version_has_the_bytes_of_every_version(suite)
    with pytest.raises(AssertionError):
        test_stranger.test_a_credential_of_an_earlier_version_verifies(suite)


@needs_vectors
@pytest.mark.usefixtures("hashes_swapped")
@test_vectors.each_suite
def test_swapped_hashes_are_caught_by_the_official_vectors(suite):
    with pytest.raises(AssertionError):
        test_vectors.test_hashes_are_the_official_ones(suite)
    with pytest.raises(AssertionError):
        test_vectors.test_signing_gives_the_official_signature(suite)
    with pytest.raises(proofs.ProofFails):
        test_vectors.test_the_official_credential_verifies(suite)


@pytest.mark.usefixtures("yes_to_all")
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("forgery", test_vc_jwt.FORGERIES, ids=lambda forgery: forgery.name)
def test_a_verifier_that_says_yes_to_all_is_caught_by_every_forged_jws(forgery, suite):
    with pytest.raises(AssertionError):
        test_vc_jwt.test_a_forgery_fails_the_checks_named_for_it_and_no_others(forgery, suite)


@pytest.mark.usefixtures("yes_to_all")
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_verifier_that_says_yes_to_all_is_caught_by_every_forgery(forgery, suite):
    with pytest.raises(AssertionError):
        test_forgeries.test_a_forgery_fails_the_checks_named_for_it_and_no_others(forgery, suite)
