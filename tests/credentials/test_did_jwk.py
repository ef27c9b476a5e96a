"""did:jwk and JWK: a public key of a kind read here, spelt in one way, and never with its private half."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.credentials import base64url, did_jwk, jwk
from services.credentials.did_key import key_of
from services.credentials.intrinsic import Intrinsic, intrinsic
from services.credentials.methods import NoSuchMethod, OutOfReach
from services.messages.document import Document
from tests.credentials.parties import SUITES, a_key, failing, sign_anything, verdict_on_any
from tests.credentials.test_any_statement import ALUMNI

P256: Document = dict(jwk.encode(key_of(a_key("ecdsa-jcs-2019").did)))
ED25519: Document = dict(jwk.encode(key_of(a_key("eddsa-jcs-2022").did)))


def method_of(value: Any) -> str:
    return did_jwk.to_verification_method("did:jwk:" + base64url.encode(json.dumps(value).encode()))


def test_the_example_of_the_specification_reads():
    """did:jwk method specification, example of P-256."""
    did = (
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgy"
        "VjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    )

    found = intrinsic(f"{did}#0")

    assert found.controller == did
    assert jwk.encode(found.key)["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    assert "assertionMethod" in found.purposes
    assert did_jwk.to_did(found.key) == did


@pytest.mark.parametrize("suite", SUITES)
def test_a_credential_signed_by_a_did_jwk_verifies(suite):
    key = a_key(suite)
    did = did_jwk.to_did(key_of(key.did))

    secured = sign_anything({**ALUMNI, "issuer": did}, key, verificationMethod=f"{did}#0")

    assert verdict_on_any(secured).verified


def test_a_key_for_encrypting_signs_nothing():
    did = method_of({**ED25519, "use": "enc"}).partition("#")[0]
    secured = sign_anything({**ALUMNI, "issuer": did}, a_key("eddsa-jcs-2022"), verificationMethod=f"{did}#0")

    assert failing(verdict_on_any(secured)) == {"key_control"}


def test_members_that_name_the_key_or_its_use_do_no_harm():
    assert intrinsic(method_of({**P256, "kid": "1", "use": "sig", "alg": "ES256"})).key == jwk.decode(P256)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {},
        {**P256, "d": "AQ"},
        {**ED25519, "d": "AQ"},
        {"kty": "oct", "k": "AQ"},
        {"kty": "RSA", "n": "AQ", "e": "AQAB"},
        {**ED25519, "crv": "X25519"},
        {**ED25519, "crv": "Ed448"},
        {**P256, "crv": "P-521"},
        {**P256, "crv": "P-384"},
        {**P256, "kty": "OKP"},
        {**P256, "x": P256["y"]},
        {**P256, "x": P256["x"] + "="},
        {**P256, "x": P256["x"][:-1]},
        {**P256, "x": "A" + P256["x"]},
        {**P256, "x": 1},
        {**P256, "x": "+" * 43},
        {**P256, "x": "é" * 43},
        {name: value for name, value in P256.items() if name != "y"},
        {**ED25519, "x": base64url.encode(bytes(32))},
    ],
    ids=str,
)
def test_what_is_no_public_key_of_a_kind_read_here_is_refused(value):
    with pytest.raises(jwk.NotAJwk):
        jwk.decode(value)
    with pytest.raises(NoSuchMethod):
        intrinsic(method_of(value))


@pytest.mark.parametrize(
    "method",
    [
        method_of(P256).partition("#")[0],
        method_of(P256).replace("#0", "#1"),
        method_of(P256).replace("#0", "#"),
        method_of(P256) + "#0",
        method_of(P256).replace("#0", "=#0"),
        method_of({**P256, "kid": "x" * 2000}),
        "did:jwk:#0",
        "did:jwk:e30#0",
        "did:jwk:" + base64url.encode(b'{"kty":"EC","kty":"OKP"}') + "#0",
        "did:jwk:" + base64url.encode(b"[" * 700) + "#0",
    ],
)
def test_another_spelling_of_the_method_is_refused(method):
    with pytest.raises(NoSuchMethod):
        Intrinsic().find(method)


@pytest.mark.parametrize("method", ["", "x", "did:web:x.example#1", "https://x.example/1#1", "did:KEY:z6Mk#z6Mk"])
def test_what_needs_looking_up_is_out_of_reach(method):
    with pytest.raises(OutOfReach):
        Intrinsic().find(method)
