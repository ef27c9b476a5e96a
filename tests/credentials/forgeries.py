"""Credentials that must not be accepted, each with the checks that must fail, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from services.credentials import suites
from services.credentials.did_key import to_verification_method
from services.credentials.keys import IssuerKey
from services.messages import multibase
from services.messages.document import CONTEXT, Document, to_document
from tests.credentials.parties import (
    NOON,
    a_claim,
    a_key,
    a_request,
    raw_signature,
    sign_anything,
    signature_size,
    signed,
)


@dataclass(frozen=True)
class Forgery:
    name: str
    make: Callable[[IssuerKey], str]
    fails: set[str]


FORGERIES: list[Forgery] = []


def _forgery(*fails: str) -> Callable[[Callable[[IssuerKey], Document | str]], None]:
    def keep(make: Callable[[IssuerKey], Document | str]) -> None:
        def text(key: IssuerKey) -> str:
            made = make(key)
            return made if isinstance(made, str) else json.dumps(made)

        FORGERIES.append(Forgery(make.__name__.strip("_"), text, set(fails)))

    return keep


def genuine(key: IssuerKey) -> Document:
    """A request that this key signed."""
    secured: Document = json.loads(signed(a_request(key.did), key).json)
    return secured


def _unsigned(key: IssuerKey, **changes: Any) -> Document:
    return {**to_document(a_request(key.did)), **changes}


def _with_proof(key: IssuerKey, **changes: Any) -> Document:
    secured = genuine(key)
    return {**secured, "proof": {**secured["proof"], **changes}}


@_forgery("context", "signature")
def _context_appended_after_signing(key: IssuerKey) -> Document:
    return {**genuine(key), "@context": [*CONTEXT, "https://mallory.example/v1"]}


@_forgery("context", "signature")
def _context_appended_after_signing_and_hidden_from_the_proof(key: IssuerKey) -> Document:
    contexts = [*CONTEXT, "https://mallory.example/v1"]
    return {**_with_proof(key, **{"@context": contexts}), "@context": contexts}


@_forgery("context")
def _inline_context(key: IssuerKey) -> Document:
    contexts = [*CONTEXT, {"amount": "https://mallory.example/discount"}]
    return sign_anything(_unsigned(key, **{"@context": contexts}), key)


@_forgery("context")
def _unknown_context(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key, **{"@context": [CONTEXT[0], "https://mallory.example/v1"]}), key)


@_forgery("context")
def _contexts_in_another_order(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key, **{"@context": CONTEXT[::-1]}), key)


@_forgery("validity_time")
def _expired(key: IssuerKey) -> str:
    return signed(a_request(key.did, expires_at=NOON), key).json


@_forgery("validity_time", "signature")
def _expired_and_forged(key: IssuerKey) -> Document:
    secured = json.loads(signed(a_request(key.did, expires_at=NOON - timedelta(seconds=1)), key).json)
    return {**secured, "proof": {**secured["proof"], "proofValue": multibase.encode(bytes(signature_size(key)))}}


@_forgery("validity_time")
def _valid_only_from_the_future(key: IssuerKey) -> str:
    return signed(replace(a_request(key.did), issued_at=NOON + timedelta(minutes=5, seconds=1)), key).json


@_forgery("validity_time")
def _proof_made_in_the_future(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, created="2026-10-01T12:05:01Z")


@_forgery("key_control")
def _issuer_that_does_not_control_the_key(key: IssuerKey) -> Document:
    return sign_anything(to_document(a_request(key.did)), a_key(key.kind, 77))


@_forgery("key_control", "signature")
def _key_that_is_not_in_the_issuers_did(key: IssuerKey) -> Document:
    other = a_key(key.kind, 77)
    method = f"{key.did}#{other.did.removeprefix('did:key:')}"
    return sign_anything(to_document(a_request(key.did)), other, verificationMethod=method)


@_forgery("signature")
def _signature_of_another_key(key: IssuerKey) -> Document:
    method = to_verification_method(key.did)
    return sign_anything(to_document(a_request(key.did)), a_key(key.kind, 77), verificationMethod=method)


@_forgery("signature")
def _signature_of_another_message(key: IssuerKey) -> Document:
    other = sign_anything(to_document(a_claim(a_request(key.did), key.did)), key)
    return _with_proof(key, proofValue=other["proof"]["proofValue"])


@_forgery("signature")
def _wrong_purpose(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, proofPurpose="authentication")


@_forgery("signature")
def _purpose_changed_after_signing(key: IssuerKey) -> Document:
    document = sign_anything(_unsigned(key), key, proofPurpose="authentication")
    return {**document, "proof": {**document["proof"], "proofPurpose": "assertionMethod"}}


@_forgery("signature")
def _der_instead_of_two_raw_numbers(key: IssuerKey) -> Document:
    raw = raw_signature(_unsigned(key), key)
    half = len(raw) // 2
    der = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    return _with_proof(key, proofValue=multibase.encode(der))


@_forgery("signature")
def _signature_one_byte_short(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue=multibase.encode(raw_signature(_unsigned(key), key)[:-1]))


@_forgery("signature")
def _signature_one_byte_long(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue=multibase.encode(raw_signature(_unsigned(key), key) + b"\0"))


@_forgery("signature")
def _signature_of_60000_digits(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue="z" + "2" * 60_000)


@_forgery("signature")
def _signature_in_another_multibase(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue="f" + raw_signature(_unsigned(key), key).hex())


@_forgery("signature")
def _signature_of_zeros(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue=multibase.encode(bytes(signature_size(key))))


@_forgery("signature")
def _signature_that_is_no_text(key: IssuerKey) -> Document:
    return _with_proof(key, proofValue=[1, 2, 3])


@_forgery("signature")
def _suite_and_key_that_do_not_match(key: IssuerKey) -> Document:
    other = suites.ECDSA_P256 if key.cryptosuite == suites.EDDSA else suites.EDDSA
    return sign_anything(_unsigned(key), key, cryptosuite=other)


@_forgery("signature")
def _suite_that_is_not_read(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, cryptosuite="bbs-2023")


@_forgery("signature")
def _suite_swapped_for_one_with_another_canonical_form(key: IssuerKey) -> Document:
    sibling = suites.EDDSA_RDFC if key.cryptosuite == suites.EDDSA else suites.ECDSA_RDFC
    return sign_anything(_unsigned(key), key, cryptosuite=sibling)


@_forgery("signature")
def _proof_with_a_field_that_nobody_knows(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, onlyIf="it rains")


@_forgery("signature")
def _suite_that_is_no_text(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, cryptosuite=["eddsa-jcs-2022"])


@_forgery("signature")
def _proof_of_another_type(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, type="Ed25519Signature2020")


@_forgery("signature")
def _proof_that_has_expired_by_its_own_account(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, expires="2026-10-01T11:00:00Z")


@_forgery("signature")
def _proof_for_another_domain(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, domain="mallory.example", challenge="42")


@_forgery("signature")
def _proof_without_a_date(key: IssuerKey) -> Document:
    secured = genuine(key)
    return {**secured, "proof": {name: value for name, value in secured["proof"].items() if name != "created"}}


@_forgery("signature")
def _proof_with_a_date_that_is_none(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, created="yesterday")


@_forgery("schema")
def _number_where_a_text_belongs(key: IssuerKey) -> Document:
    document = _unsigned(key)
    document["credentialSubject"]["amount"] = {"value": 120.0, "currency": "EUR"}
    return sign_anything(document, key)


@_forgery("schema")
def _number_with_a_fraction_signed_as_a_whole_one(key: IssuerKey) -> str:
    """1.0 and 1 have one canonical form, so the signature fits both; no statement holds a number."""
    text = json.dumps(sign_anything(_unsigned(key, version=1), key))
    assert '"version": 1,' in text
    return text.replace('"version": 1,', '"version": 1.0,')


@_forgery("schema")
def _a_field_more_than_the_statement_has(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key, termsOfUse="all yours"), key)


@_forgery("schema")
def _credential_of_another_kind(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key, type=["VerifiableCredential", "AlumniCredential"]), key)


@_forgery("schema", "signature")
def _amount_changed_after_signing(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"120.00"', '"120.0"')


@_forgery("signature")
def _amount_raised_after_signing(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"120.00"', '"920.00"')


@_forgery("issuer_authority")
def _request_in_the_name_of_somebody_with_a_did(key: IssuerKey) -> str:
    return signed(a_request(key.did, payee=a_key(key.kind, 77).did), key).json


@_forgery("parse")
def _no_proof(key: IssuerKey) -> Document:
    return _unsigned(key)


@_forgery("signature")
def _second_proof_that_does_not_hold(key: IssuerKey) -> Document:
    secured = genuine(key)
    return {**secured, "proof": [secured["proof"], {**secured["proof"], "nonce": "1"}]}


@_forgery("parse")
def _no_proofs_in_a_list(key: IssuerKey) -> Document:
    return {**genuine(key), "proof": []}


@_forgery("parse")
def _nine_proofs(key: IssuerKey) -> Document:
    secured = genuine(key)
    return {**secured, "proof": [secured["proof"]] * 9}


@_forgery("signature")
def _proof_that_comes_after_one_that_is_not_there(key: IssuerKey) -> Document:
    return sign_anything(_unsigned(key), key, previousProof="urn:uuid:00000000-0000-4000-8000-000000000001")


@_forgery("signature")
def _proof_that_comes_after_itself(key: IssuerKey) -> Document:
    name = "urn:uuid:00000000-0000-4000-8000-000000000001"
    return sign_anything(_unsigned(key), key, id=name, previousProof=name)


@_forgery("parse")
def _duplicate_keys(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"value"', '"value": "1.00", "value"')


@_forgery("parse")
def _duplicate_keys_in_the_proof(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"proofPurpose"', '"proofPurpose": "authentication", "proofPurpose"')


@_forgery("parse")
def _nested_10000_deep(key: IssuerKey) -> str:
    return json.dumps(genuine(key))[:-1] + ', "x": ' + "[" * 10_000 + "]" * 10_000 + "}"


@_forgery("parse")
def _a_list_of_credentials(key: IssuerKey) -> str:
    return json.dumps([genuine(key)])


@_forgery("parse")
def _longer_than_64_kibibytes(key: IssuerKey) -> str:
    return json.dumps(genuine(key)) + " " * 64 * 1024


@_forgery("parse")
def _not_a_number(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"120.00"', "NaN")


@_forgery("parse")
def _infinity_by_exponent(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"120.00"', "1e999")


@_forgery("parse")
def _half_a_surrogate_pair(key: IssuerKey) -> str:
    return json.dumps(genuine(key)).replace('"120.00"', '"\\ud800"')


@_forgery("parse")
def _cut_in_half(key: IssuerKey) -> str:
    return json.dumps(genuine(key))[:500]


@_forgery("parse")
def _nothing_at_all(key: IssuerKey) -> str:
    return ""
