"""Credentials as JWTs (vc+jwt) against jose: what one signs the other verifies, and neither takes a change."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from services.credentials import jose
from services.credentials.domain import Outcome
from services.credentials.reading import read
from tests.credentials.parties import outcomes, verdict_on
from tests.interop.asking import Answer, ask
from tests.interop.documents import SEED, documents, messages
from tests.interop.keys import ED25519, P256, P384, Key

KEYS = {"EdDSA": ED25519, "ES256": P256, "ES384": P384}
each = pytest.mark.parametrize("alg", KEYS)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@each
def test_jose_verifies_what_we_sign_and_reads_the_same_credential(alg):
    answers = the_peers_verdicts(alg)[: len(signed_by_us(alg))]

    assert [answer for answer in answers if not answer["verified"]] == []
    assert [answer["credential"] for answer in answers] == documents(KEYS[alg].did)
    assert {answer["header"]["kid"] for answer in answers} == {KEYS[alg].verification_method}


@each
def test_jose_refuses_what_was_changed_after_we_signed_it(alg):
    changed = list(map(_changed, signed_by_us(alg)))
    answers = the_peers_verdicts(alg)[-len(changed) :]

    assert [jwt for jwt, answer in zip(changed, answers, strict=True) if answer["verified"]] == []


@each
def test_we_verify_what_jose_signs_and_read_the_same_credential(alg):
    for document, jwt in zip(documents(KEYS[alg].did), signed_by_the_peer(alg), strict=True):
        found = outcomes(verdict_on(jwt))
        assert (found["signature"], found["key_control"]) == (Outcome.PASS, Outcome.PASS), jwt
        assert read(jwt).document == document


@each
def test_a_message_that_jose_signs_is_verified_as_a_whole(alg):
    for message, jwt in zip(messages(KEYS[alg].did), signed_by_the_peer(alg), strict=False):
        assert verdict_on(jwt).verified
        assert read(jwt).message == message


@each
def test_we_refuse_what_was_changed_after_jose_signed_it(alg):
    for jwt in map(_changed, signed_by_the_peer(alg)):
        assert outcomes(verdict_on(jwt))["signature"] is not Outcome.PASS, jwt


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "vc+jwt", "cty": "vp"},
        {"typ": "vc+jwt", "crit": ["b64"], "b64": True},
        {"typ": "vc+jwt", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
        {"typ": "vc+jwt", "kid": P256.verification_method},
        {"typ": "vc+jwt", "kid": ED25519.did},
    ],
    ids=str,
)
def test_we_refuse_what_jose_signs_under_another_header(header):
    header = {"kid": ED25519.verification_method, **header}
    jwt = _sign(ED25519, header, documents(ED25519.did)[:1])[0]

    assert outcomes(verdict_on(jwt))["signature"] is Outcome.FAIL


@cache
def signed_by_us(alg: str) -> list[str]:
    return [jose.sign(document, KEYS[alg]) for document in documents(KEYS[alg].did)]


@cache
def signed_by_the_peer(alg: str) -> list[str]:
    key = KEYS[alg]
    return _sign(key, {"kid": key.verification_method, "typ": "vc+jwt", "cty": "vc"}, documents(key.did))


@cache
def the_peers_verdicts(alg: str) -> list[Answer]:
    """On what we signed, and then on the same with a change."""
    public = {name: value for name, value in KEYS[alg].to_jwk().items() if name != "d"}
    signed = signed_by_us(alg)
    return ask("jose_verify.js", {"jwk": public, "alg": alg, "typ": "vc+jwt"}, [*signed, *map(_changed, signed)])


def _sign(key: Key, header: dict[str, object], payloads: list[dict[str, object]]) -> list[str]:
    settings = {"jwk": key.to_jwk(), "alg": key.alg, "header": header}
    return [answer["jwt"] for answer in ask("jose_sign.js", settings, payloads)]


def _changed(jwt: str) -> str:
    """With a character changed in one of the three parts: not the last of a part, in which some bits say nothing."""
    random = Random(f"{SEED} {jwt}")
    parts = jwt.split(".")
    part = random.randrange(3)
    place = random.randrange(len(parts[part]) - 1)
    other = random.choice(_ALPHABET.replace(parts[part][place], ""))
    parts[part] = parts[part][:place] + other + parts[part][place + 1 :]
    return ".".join(parts)
