"""What this service signs, a stranger can verify with the specification alone, today and in later versions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from services.credentials.verification import Circumstances
from tests.credentials.parties import NOON, SUITES, a_claim, a_key, a_request, failing, signed, verdict_on

SAMPLES = Path(__file__).parent / "samples"
each_suite = pytest.mark.parametrize("suite", SUITES)
# The multicodec of a key on the curve, and what the suite then hashes with (vc-di-ecdsa 1.0, section 3.3).
CURVES = {b"\x80\x24": (SECP256R1(), SHA256()), b"\x81\x24": (SECP384R1(), SHA384())}


@each_suite
def test_a_stranger_verifies_what_this_service_signed(suite):
    """Raises nothing from the credential down to the curve, using none of the service's code."""
    key = a_key(suite)
    request = a_request(key.did)
    for message in (request, a_claim(request, key.did)):
        _verify_by_the_book(json.loads(signed(message, key).json))


@each_suite
def test_a_message_signed_by_this_version_has_the_bytes_of_every_version(suite):
    """The template is frozen and both suites are deterministic: receipts and retries depend on it."""
    key = a_key(suite)

    assert signed(a_request(key.did), key).json + "\n" == _sample(suite)


@each_suite
def test_a_credential_of_an_earlier_version_verifies(suite):
    verdict = verdict_on(_sample(suite), Circumstances(NOON, own={a_key(suite).did}))

    assert verdict.accepted, failing(verdict)


@each_suite
def test_the_digest_is_the_hash_of_the_document(suite):
    key = a_key(suite)
    credential = signed(a_request(key.did), key)
    document = json.loads(credential.json)
    del document["proof"]

    assert credential.digest == hashlib.sha256(_canonical(document)).digest()


@each_suite
def test_the_credential_travels_in_canonical_form(suite):
    key = a_key(suite)
    credential = signed(a_request(key.did), key)

    assert credential.json.encode() == _canonical(json.loads(credential.json))
    assert "Törtchen" in credential.json


def _sample(suite: str) -> str:
    return (SAMPLES / f"request-{suite.replace('/', '-')}.json").read_text(encoding="utf-8")


def _verify_by_the_book(secured: dict[str, Any]) -> None:
    proof = secured.pop("proof")
    signature = base58.b58decode(proof.pop("proofValue")[1:])
    assert proof["@context"] == secured["@context"]
    did, _, fragment = proof["verificationMethod"].partition("#")
    assert secured["issuer"] == did == f"did:key:{fragment}"
    multikey = base58.b58decode(fragment[1:])
    if proof["cryptosuite"] == "eddsa-jcs-2022":
        assert multikey[:2] == b"\xed\x01"
        Ed25519PublicKey.from_public_bytes(multikey[2:]).verify(signature, _hashes("sha256", proof, secured))
    else:
        curve, hashed_with = CURVES[multikey[:2]]
        half = len(signature) // 2
        der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
        key = EllipticCurvePublicKey.from_encoded_point(curve, multikey[2:])
        key.verify(der, _hashes(hashed_with.name, proof, secured), ECDSA(hashed_with))


def _hashes(name: str, *values: dict[str, Any]) -> bytes:
    return b"".join(hashlib.new(name, _canonical(value)).digest() for value in values)


def _canonical(value: Any) -> bytes:
    # Enough for RFC 8785 here: no numbers, and keys in ASCII.
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
