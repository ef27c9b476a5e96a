"""Credentials as compact JWS: one algorithm per kind of key, and nothing believed that the header brings along."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from services.credentials import base64url, did_jwk, jose, jwk, suites
from services.credentials.did_key import key_of, to_did
from services.credentials.domain import Outcome
from services.credentials.keys import IssuerKey
from services.credentials.reading import read
from services.credentials.verification import Circumstances
from services.messages.document import Document, to_document
from tests.credentials.parties import (
    NOON,
    SUITES,
    a_key,
    a_request,
    detail,
    failing,
    outcomes,
    signed,
    verdict_on,
    verdict_on_any,
)
from tests.credentials.test_laws import json_values

each_suite = pytest.mark.parametrize("suite", SUITES)
ALGORITHMS = {suites.EDDSA: "EdDSA", suites.ECDSA_P256: "ES256", suites.ECDSA_P384: "ES384"}


def a_jws(key: IssuerKey, document: Document | None = None, *, claims: Document | None = None, **header: Any) -> str:
    """A JWS made correctly over whatever it is told to say; a header set to None is left out."""
    stated = to_document(a_request(key.did)) if document is None else document
    named = {"alg": ALGORITHMS[key.kind], "kid": key.verification_method, "typ": "vc+jwt", **header}
    head = _part({name: value for name, value in named.items() if value is not None})
    text = f"{head}.{_part({**stated, **(claims or {})})}"
    return f"{text}.{base64url.encode(key.sign(text.encode()))}"


def _part(value: Any) -> str:
    return base64url.encode(json.dumps(value).encode())


@each_suite
def test_what_is_signed_as_jws_is_accepted_and_is_the_same_message(suite):
    key = a_key(suite)
    document = to_document(a_request(key.did))

    text = jose.sign(document, key)

    assert verdict_on(text, Circumstances(NOON, own={key.did})).accepted
    assert read(text).message == a_request(key.did)
    assert read(text).digest == signed(a_request(key.did), key).digest
    assert json.loads(base64url.decode(text.partition(".")[0])) == {
        "alg": ALGORITHMS[key.kind],
        "cty": "vc",
        "kid": key.verification_method,
        "typ": "vc+jwt",
    }


@each_suite
def test_signing_again_gives_the_same_bytes(suite):
    key = a_key(suite)

    assert len({jose.sign(to_document(a_request(key.did)), key) for _ in range(5)}) == 1


@each_suite
def test_a_did_jwk_signs_for_itself(suite):
    key = a_key(suite)
    did = did_jwk.to_did(key_of(key.did))
    own = IssuerKey(did, suite, key._private, did_jwk.to_verification_method(did))

    assert verdict_on(a_jws(own, to_document(a_request(did)))).verified


@dataclass(frozen=True)
class Forgery:
    name: str
    make: Callable[[IssuerKey], str]
    fails: set[str]


FORGERIES: list[Forgery] = []


def _forgery(*fails: str) -> Callable[[Callable[[IssuerKey], str]], None]:
    return lambda make: FORGERIES.append(Forgery(make.__name__.strip("_"), make, set(fails)))


@_forgery("signature")
def _alg_none(key):
    return a_jws(key, alg="none").rpartition(".")[0] + "."


@_forgery("signature")
def _alg_none_with_the_signature_left_on(key):
    return a_jws(key, alg="none")


@_forgery("signature")
def _no_alg(key):
    return a_jws(key, alg=None)


@_forgery("signature")
def _alg_that_is_no_text(key):
    return a_jws(key, alg=["EdDSA"])


@_forgery("signature")
def _hs256_with_the_public_key_as_its_secret(key):
    text = a_jws(key, alg="HS256").rpartition(".")[0]
    public = key_of(key.did)
    raw = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{base64url.encode(hmac.digest(raw, text.encode(), hashlib.sha256))}"


@_forgery("signature")
def _algorithm_of_another_kind_of_key(key):
    return a_jws(key, alg="ES256" if ALGORITHMS[key.kind] != "ES256" else "ES384")


@_forgery("signature")
def _crit(key):
    return a_jws(key, crit=["exp"], exp=1)


@_forgery("signature")
def _payload_that_is_not_encoded(key):
    return a_jws(key, b64=False, crit=["b64"])


@_forgery("signature")
def _embedded_jwk(key):
    return a_jws(key, jwk=jwk.encode(key_of(key.did)))


@_forgery("signature")
def _key_at_an_address(key):
    return a_jws(key, jku="https://mallory.example/keys.json")


@_forgery("signature")
def _certificate_at_an_address(key):
    return a_jws(key, x5u="https://mallory.example/certificate")


@_forgery("signature")
def _embedded_certificate(key):
    return a_jws(key, x5c=["MII"])


@_forgery("signature")
def _type_of_another_token(key):
    return a_jws(key, typ="JWT")


@_forgery("signature")
def _no_type(key):
    return a_jws(key, typ=None)


@_forgery("signature")
def _presentation_by_its_content_type(key):
    return a_jws(key, cty="vp")


@_forgery("signature", "key_control")
def _embedded_jwk_of_somebody_else_without_a_kid(key):
    other = a_key(key.kind, 77)
    stated = to_document(a_request(key.did))
    return a_jws(other, stated, kid=None, jwk=jwk.encode(key_of(other.did)))


@_forgery("key_control")
def _key_of_somebody_else(key):
    return a_jws(a_key(key.kind, 77), to_document(a_request(key.did)))


@_forgery("signature")
def _signature_of_somebody_else(key):
    return a_jws(a_key(key.kind, 77), to_document(a_request(key.did)), kid=key.verification_method)


@_forgery("signature")
def _payload_changed_after_signing(key):
    head, _, signature = a_jws(key).split(".")
    return f"{head}.{_part(to_document(a_request(key.did, description='more')))}.{signature}"


@_forgery("signature")
def _header_changed_after_signing(key):
    header = {"alg": ALGORITHMS[key.kind], "kid": key.verification_method, "typ": "vc+jwt"}
    return f"{_part(header)}.{a_jws(key, cty='vc').partition('.')[2]}"


@_forgery("signature")
def _der_instead_of_two_raw_numbers(key):
    text, _, signature = a_jws(key).rpartition(".")
    raw = base64url.decode(signature)
    half = len(raw) // 2
    der = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    return f"{text}.{base64url.encode(der)}"


@_forgery("signature")
def _signature_one_byte_short(key):
    text, _, signature = a_jws(key).rpartition(".")
    return f"{text}.{base64url.encode(base64url.decode(signature)[:-1])}"


@_forgery("signature")
def _issuer_beside_the_credential_that_is_another(key):
    return a_jws(key, claims={"iss": a_key(key.kind, 77).did})


@_forgery("signature")
def _issuer_in_the_header_that_is_another(key):
    return a_jws(key, iss="https://mallory.example")


@_forgery("signature")
def _id_beside_the_credential_that_is_another(key):
    return a_jws(key, claims={"jti": "urn:uuid:00000000-0000-4000-8000-000000000001"})


@_forgery("signature")
def _made_for_one_audience(key):
    return a_jws(key, claims={"aud": "https://shop.example"})


@_forgery("validity_time")
def _expired(key):
    return a_jws(key, claims={"exp": int(NOON.timestamp())})


@_forgery("validity_time")
def _not_before_the_future(key):
    return a_jws(key, claims={"nbf": NOON.timestamp() + 301})


@_forgery("validity_time")
def _issued_in_the_future(key):
    return a_jws(key, claims={"iat": NOON.timestamp() + 301})


@_forgery("parse")
def _padded(key):
    return a_jws(key) + "="


@_forgery("parse")
def _stray_bits_in_the_last_digit(key):
    head, _, rest = a_jws(key).partition(".")
    header = base64url.decode(head)
    # Blanks are no part of what JSON says; with one too many, the last digit holds bits that are no part of a byte.
    head = base64url.encode(header + b" " * ((1 - len(header)) % 3))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return f"{head[:-1]}{alphabet[alphabet.index(head[-1]) + 1]}.{rest}"


@_forgery("parse")
def _plain_base64_alphabet(key):
    head, payload, signature = a_jws(key).split(".")
    return f"{head}+.{payload}.{signature}"


@_forgery("parse")
def _white_space_inside(key):
    return a_jws(key).replace(".", ".\n", 1)


@_forgery("parse")
def _duplicate_keys_in_the_header(key):
    head = base64url.encode(b'{"alg":"none","alg":"EdDSA","typ":"vc+jwt"}')
    return f"{head}.{a_jws(key).partition('.')[2]}"


@_forgery("parse")
def _proof_inside_as_well(key):
    return a_jws(key, json.loads(signed(a_request(key.did), key).json))


@_forgery("parse")
def _credential_of_version_one(key):
    return a_jws(key, {"vc": to_document(a_request(key.did)), "iss": key.did})


@_forgery("parse")
def _longer_than_64_kibibytes(key):
    return a_jws(key, claims={"x": "x" * 64 * 1024})


@_forgery("parse")
def _payload_that_is_no_object(key):
    head, _, signature = a_jws(key).split(".")
    return f"{head}.{_part([1])}.{signature}"


@_forgery("parse")
def _encrypted_token(key):
    return a_jws(key) + ".x.y"


@each_suite
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forgery_fails_the_checks_named_for_it_and_no_others(forgery: Forgery, suite):
    key = a_key(suite)

    verdict = verdict_on(forgery.make(key), Circumstances(NOON, own={key.did}))

    assert failing(verdict) - {"key_control"} == forgery.fails - {"key_control"}
    if "key_control" in forgery.fails:
        assert outcomes(verdict)["key_control"] is not Outcome.PASS
    assert not verdict.accepted
    assert all(check.detail for check in verdict.checks)


@each_suite
def test_claims_that_repeat_the_credential_do_no_harm(suite):
    key = a_key(suite)
    stated = to_document(a_request(key.did))
    claims = {"iss": key.did, "jti": stated["id"], "iat": NOON.timestamp(), "exp": NOON.timestamp() + 1}

    text = a_jws(key, claims=claims, iss=key.did)

    assert verdict_on(text, Circumstances(NOON, own={key.did})).accepted
    assert read(text).digest == signed(a_request(key.did), key).digest


@pytest.mark.parametrize("value", ["1", None, True, [], {}, 10**19, -(10**19), 1e300])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_a_date_that_is_none_is_never_accepted(name, value):
    key = a_key(suites.EDDSA)

    verdict = verdict_on(a_jws(key, claims={name: value}), Circumstances(NOON, own={key.did}))

    assert outcomes(verdict)["validity_time"] is not Outcome.PASS


@given(header=json_values, claims=json_values, extra=st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_no_token_at_all_is_an_exception(header, claims, extra):
    key = a_key(suites.EDDSA)
    head, payload, signature = a_jws(key).split(".")
    named = {"alg": header, "kid": claims, "typ": "vc+jwt"}
    for text in (
        f"{_part(header)}.{payload}.{signature}",
        f"{head}.{_part(claims)}.{signature}",
        f"{_part({**named, **extra})}.{payload}.{signature}",
        a_jws(key, claims={"iss": header, "sub": claims, "jti": header, "exp": claims, "nbf": header}),
    ):
        assert not verdict_on(text, Circumstances(NOON, own={key.did})).accepted


@given(st.text(alphabet="eyJ.-_A=1é\n", max_size=200))
def test_no_text_of_dots_and_digits_is_an_exception(text):
    assert not verdict_on(text).verified


def test_a_key_on_secp256k1_signs_no_credential():
    private = derive_private_key(7, SECP256K1())
    did = to_did(private.public_key())
    kid = f"{did}#{did.removeprefix('did:key:')}"
    text = a_jws(a_key(suites.ECDSA_P256), to_document(a_request(did)), kid=kid)

    assert outcomes(verdict_on(text))["signature"] is Outcome.FAIL


def test_any_statement_may_come_as_jws():
    key = a_key(suites.EDDSA)
    stated = {**to_document(a_request(key.did)), "credentialSubject": {"id": "did:example:1", "name": "Ada"}}

    assert verdict_on_any(a_jws(key, stated, claims={"sub": "did:example:1"})).verified
    assert detail(verdict_on_any(a_jws(key, stated, claims={"sub": "did:example:2"})), "signature")
    assert not verdict_on_any(a_jws(key, stated, claims={"sub": "did:example:2"})).verified
