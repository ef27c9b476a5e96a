"""Named after the list of known pitfalls: how systems of this kind have lost money, data or trust."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.credentials import proofs, suites
from services.credentials.did_key import to_verification_method
from services.credentials.domain import Outcome
from services.credentials.reading import read
from services.credentials.validity import SKEW
from services.credentials.verification import Circumstances
from services.messages import multibase
from services.messages.canonical import canonical
from services.messages.document import to_document
from tests.credentials.forgeries import genuine
from tests.credentials.parties import (
    MALLORY,
    NOON,
    SERVICE,
    STRANGER,
    SUITES,
    a_claim,
    a_key,
    a_request,
    failing,
    outcomes,
    raw_signature,
    sign_anything,
    signed,
    verdict_on,
)

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
L = 2**252 + 27742317777372353535851937790883648493
each_suite = pytest.mark.parametrize("suite", SUITES)


def test_pitfall_6_no_trust_comes_from_the_credential_itself():
    """A document full of claims to be trusted changes nothing but the schema check; pins come from the settings."""
    document = to_document(a_request(MALLORY.did)) | {
        "trusted": True,
        "issuerKey": MALLORY.did,
        "jku": "https://m.example",
    }

    verdict = verdict_on(sign_anything(document, MALLORY))

    assert outcomes(verdict)["trust"] is Outcome.UNKNOWN
    assert outcomes(verdict)["schema"] is Outcome.FAIL


def test_pitfall_6_verified_by_the_key_it_brings_along_is_not_accepted():
    verdict = verdict_on(signed(a_request(MALLORY.did)).json, Circumstances(NOON, {SERVICE.did}, {"did:key:zPinned"}))

    assert verdict.verified
    assert not verdict.accepted
    assert failing(verdict) == {"trust"}


def test_pitfall_7_the_issuer_must_control_the_key():
    """The signature is perfect, and it is Mallory's under a credential that says it is the service's."""
    verdict = verdict_on(sign_anything(to_document(a_request(SERVICE.did)), MALLORY))

    assert outcomes(verdict)["signature"] is Outcome.PASS
    assert failing(verdict) == {"key_control"}
    assert not verdict.verified


def test_pitfall_7_a_second_proof_does_not_ride_along_with_a_good_one():
    good = genuine(SERVICE)
    bad = sign_anything(to_document(a_claim(a_request())), MALLORY)
    for pair in ([good["proof"], bad["proof"]], [bad["proof"], good["proof"]]):
        assert failing(verdict_on({**good, "proof": pair})) == {"signature"}


def test_pitfall_7_somebody_elses_proofs_do_not_make_it_the_issuers():
    good = genuine(SERVICE)
    others = [sign_anything(to_document(a_request()), key)["proof"] for key in (MALLORY, STRANGER)]

    assert failing(verdict_on({**good, "proof": others})) == {"key_control"}
    assert verdict_on({**good, "proof": [good["proof"], *others]}).verified


def test_pitfall_7_what_is_returned_is_what_was_signed():
    reading = read(signed(a_request()).json)

    assert reading.message == a_request()
    assert reading.digest == proofs.document_hash(to_document(a_request()))


@pytest.mark.parametrize("method", ["did:web:mallory.example#key-1", "https://mallory.example/key", "key-1"])
def test_a_key_that_would_have_to_be_fetched_is_unknown_and_never_passes(method):
    document = to_document(replace(a_request(), issuer="did:web:mallory.example"))

    verdict = verdict_on(sign_anything(document, MALLORY, verificationMethod=method))

    assert outcomes(verdict)["signature"] is Outcome.UNKNOWN
    assert outcomes(verdict)["key_control"] is not Outcome.PASS
    assert outcomes(verdict)["key_status"] is Outcome.UNKNOWN
    assert not verdict.verified


def test_pitfall_11_keys_are_sorted_by_utf_16_and_not_by_code_point():
    assert canonical({"\ue000": "a", "\U0001f600": "b"}) == '{"\U0001f600":"b","\ue000":"a"}'.encode()


def test_pitfall_11_one_number_has_one_canonical_form():
    assert canonical({"a": 1.0}) == canonical({"a": 1}) == b'{"a":1}'


def test_pitfall_11_a_duplicate_key_does_not_vanish_before_hashing():
    text = json.dumps(genuine(SERVICE)).replace('"currency": "EUR"', '"currency": "JPY", "currency": "EUR"')

    assert failing(verdict_on(text)) == {"parse"}


@pytest.mark.parametrize("number", ["9007199254740993", "1e999", "-1e999", "NaN", "Infinity", "1" * 5000])
def test_pitfall_11_a_number_without_a_canonical_form_is_refused(number):
    text = json.dumps(genuine(SERVICE)).replace('"120.00"', number)

    assert failing(verdict_on(text)) == {"parse"}


def test_pitfall_12_of_ecdsas_two_signatures_low_s_is_made():
    key = a_key(suites.ECDSA_P256)
    for attempt in range(50):
        assert int.from_bytes(key.sign(bytes([attempt]))[32:], "big") <= N // 2


def test_pitfall_12_the_twin_of_an_ecdsa_signature_makes_no_second_message():
    """FIPS 186-5 and the official vectors allow both, so both are read; the message and its digest are one."""
    key = a_key(suites.ECDSA_P256)
    original = genuine(key)
    raw = raw_signature(to_document(a_request(key.did)), key)
    high = raw[:32] + (N - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    twin = {**original, "proof": {**original["proof"], "proofValue": multibase.encode(high)}}

    assert verdict_on(twin).verified
    assert read(json.dumps(twin)).digest == read(json.dumps(original)).digest


@pytest.mark.parametrize("number", [0, N, N + 1, 2**256 - 1])
@pytest.mark.parametrize("place", [0, 32])
def test_pitfall_12_an_ecdsa_number_out_of_range_is_refused(number, place):
    key = a_key(suites.ECDSA_P256)
    document = to_document(a_request(key.did))
    raw = raw_signature(document, key)
    other = raw[:place] + number.to_bytes(32, "big") + raw[place + 32 :]

    verdict = verdict_on(sign_anything(document, key, proof_value=multibase.encode(other)))

    assert failing(verdict) == {"signature"}


def test_pitfall_12_an_ed25519_signature_with_s_beyond_the_order_is_refused():
    document = to_document(a_request())
    raw = raw_signature(document, SERVICE)
    s = int.from_bytes(raw[32:], "little") + L
    malleated = raw[:32] + s.to_bytes(32, "little")

    verdict = verdict_on(sign_anything(document, SERVICE, proof_value=multibase.encode(malleated)))

    assert failing(verdict) == {"signature"}


@pytest.mark.parametrize("point", ["01" + "00" * 31, "00" * 32, "ec" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f"])
def test_pitfall_12_a_key_of_small_order_signs_nothing(point):
    """Under the identity as a key, OpenSSL takes R = identity and S = 0 for any message at all."""
    did = "did:key:" + multibase.encode(b"\xed\x01" + bytes.fromhex(point))
    document = to_document(replace(a_request(), issuer=did))
    forged = multibase.encode(bytes.fromhex("01" + "00" * 31) + bytes(32))

    verdict = verdict_on(
        sign_anything(document, SERVICE, verificationMethod=to_verification_method(did), proof_value=forged)
    )

    assert failing(verdict) == {"signature", "key_control"}
    assert not verdict.verified


@each_suite
def test_pitfall_12_a_message_is_the_same_one_under_another_signature(suite):
    """What tells messages apart is the digest of what was signed, which no signature is part of."""
    one, other = a_key(suite, 5), a_key(suite, 6)
    document = to_document(a_request(SERVICE.did))

    assert (
        proofs.secure(document, one, "2026-10-01T12:00:00Z")[1]
        == proofs.secure(document, other, "2026-10-01T12:00:00Z")[1]
    )


@pytest.mark.parametrize(("ahead", "outcome"), [(SKEW, Outcome.PASS), (SKEW + timedelta(seconds=1), Outcome.FAIL)])
def test_pitfall_30_clocks_may_be_five_minutes_apart(ahead, outcome):
    verdict = verdict_on(signed(replace(a_request(), issued_at=NOON + ahead)).json)

    assert outcomes(verdict)["validity_time"] is outcome


def test_pitfall_30_no_skew_prolongs_an_expiry():
    text = signed(a_request(expires_at=NOON)).json

    before, at = (
        verdict_on(text, Circumstances(NOON - early, {SERVICE.did})) for early in (timedelta(seconds=1), timedelta())
    )

    assert outcomes(before)["validity_time"] is Outcome.PASS
    assert outcomes(at)["validity_time"] is Outcome.FAIL
