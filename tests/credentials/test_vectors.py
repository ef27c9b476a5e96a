"""The official vectors: RFC 8785, the JCS and RDFC suites, proof sets and chains, did:key. Byte for byte."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials import did_jwk, jwk, proofs, rdf, rdfc, suites
from services.credentials.did_key import NotADidKey, key_of, to_did
from services.credentials.domain import Outcome
from services.credentials.intrinsic import Intrinsic, intrinsic
from services.credentials.keys import IssuerKey
from services.credentials.proof_sets import Use, check_all
from services.credentials.reading import split
from services.messages import multibase
from services.messages.canonical import canonical
from tests.credentials.parties import NOON
from tests.credentials.vectors import VECTORS, needs_vectors, text, values

pytestmark = needs_vectors


@dataclass(frozen=True)
class Suite:
    kind: suites.KeyKind
    folder: tuple[str, str]
    ending: str
    keys: str
    secret: str
    hash_name: suites.HashName = "sha256"

    def file(self, name: str) -> str:
        return text(*self.folder, f"{name}{self.ending}.txt").strip()

    def json(self, name: str) -> Any:
        return values(*self.folder, f"{name}{self.ending}.json")

    def unsigned(self) -> Any:
        return values(self.folder[0], "unsigned.json")

    def key(self) -> IssuerKey:
        pair = values(self.folder[0], self.keys)
        secret = base58.b58decode(pair[self.secret][1:])[2:]
        private = suites.from_secret(self.kind, secret)
        assert to_did(private.public_key()) == f"did:key:{pair['publicKeyMultibase']}"
        return IssuerKey(f"did:key:{pair['publicKeyMultibase']}", self.kind, private)


EDDSA = Suite(suites.EDDSA, ("vc-di-eddsa", "eddsa-jcs-2022"), "JCS", "keyPair.json", "privateKeyMultibase")
ECDSA = Suite(
    suites.ECDSA_P256,
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p256"),
    "JCSECDSAP256",
    "p256KeyPair.json",
    "secretKeyMultibase",
)
ECDSA_P384 = Suite(
    suites.ECDSA_P384,
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p384"),
    "JCSECDSAP384",
    "p384KeyPair.json",
    "secretKeyMultibase",
    "sha384",
)
each_suite = pytest.mark.parametrize("suite", [EDDSA, ECDSA, ECDSA_P384], ids=lambda suite: suite.folder[1])


@each_suite
def test_document_and_proof_config_have_the_official_canonical_form(suite):
    assert canonical(suite.unsigned()).decode() == suite.file("canonDoc")
    assert canonical(suite.json("proofConfig")).decode() == suite.file("proofCanon")


@each_suite
def test_hashes_are_the_official_ones(suite):
    hashed = proofs.document_hash(suite.unsigned(), suite.hash_name)

    combined = proofs.combined_hash(suite.json("proofConfig"), hashed)

    assert hashed.hex() == suite.file("docHash")
    assert combined[: len(hashed)].hex() == suite.file("proofHash")
    assert combined.hex() == suite.file("combinedHash")


@each_suite
def test_signing_gives_the_official_signature(suite):
    """The official signatures are deterministic, ECDSA's by RFC 6979."""
    secured, hashed = proofs.secure(suite.unsigned(), suite.key(), "2023-02-24T23:36:38Z")

    assert secured["proof"]["proofValue"] == suite.file("sigBTC58")
    assert multibase.decode(secured["proof"]["proofValue"], 2 * len(hashed)).hex() == suite.file("sigHex")
    assert secured == suite.json("signed")


@each_suite
def test_the_official_credential_verifies(suite):
    document = suite.json("signed")
    proof = document.pop("proof")

    proofs.check(document, proofs.document_hash(document), proof)


@each_suite
def test_the_official_credential_does_not_verify_with_another_name(suite):
    document = suite.json("signed")
    proof = document.pop("proof")
    document["name"] += "."

    with pytest.raises(proofs.ProofFails):
        proofs.check(document, proofs.document_hash(document), proof)


def test_the_official_vectors_hold_a_high_s_signature_so_high_s_is_read():
    """The sibling suite's vector, over hashes of its own: S lies above half the order, and FIPS 186-5 allows it."""
    folder = ("vc-di-ecdsa", "ecdsa-rdfc-2019-p256")
    signature = bytes.fromhex(text(*folder, "sigHexECDSAP256.txt").strip())
    combined = bytes.fromhex(text(*folder, "combinedHashECDSAP256.txt").strip())
    key = ECDSA.key()

    assert int.from_bytes(signature[32:], "big") > 2**255
    assert suites.holds(key_of(key.did), signature, combined)


@pytest.mark.parametrize(
    ("folder", "ending"),
    [("vc-di-eddsa/eddsa-rdfc-2022", "DataInt"), ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256")],
)
def test_graphs_and_their_hashes_are_the_official_ones(folder, ending):
    unsigned = values(folder.partition("/")[0], "unsigned.json")
    config = values(folder, f"proofConfig{ending}.json")

    assert rdf.canonical(unsigned).decode() == text(folder, f"canonDoc{ending}.txt")
    assert rdf.canonical(config).decode() == text(folder, f"proofCanon{ending}.txt")
    combined = rdfc.combined_hash(config, unsigned, "sha256").hex()
    assert combined == text(folder, f"combinedHash{ending}.txt").strip()
    assert combined[:64] == text(folder, f"proofHash{ending}.txt").strip()
    assert combined[64:] == text(folder, f"docHash{ending}.txt").strip()


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("vc-di-eddsa/eddsa-rdfc-2022/signedDataInt.json", 1),
        ("vc-di-ecdsa/ecdsa-rdfc-2019-p256/signedECDSAP256.json", 1),
        ("vc-di-eddsa/proof-set-chain/signedProofSet1.json", 1),
        ("vc-di-eddsa/proof-set-chain/signedProofSet2.json", 2),
        ("vc-di-eddsa/proof-set-chain/signedProofChain1.json", 3),
        ("vc-di-eddsa/proof-set-chain/signedProofChain2.json", 4),
    ],
)
def test_official_proofs_over_graphs_hold_in_sets_and_chains_and_not_when_one_is_changed(path, count):
    document, all_proofs = split(values(path))
    digest, use = proofs.document_hash(document), Use(NOON)

    assert check_all(document, digest, all_proofs, Intrinsic(), use)[0] is Outcome.PASS
    assert len(all_proofs) == count
    for place, proof in enumerate(all_proofs):
        changed = {**proof, "created": "2023-02-24T23:36:39Z"}
        broken = (*all_proofs[:place], changed, *all_proofs[place + 1 :])
        assert check_all(document, digest, broken, Intrinsic(), use)[0] is Outcome.FAIL


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_that_of_rfc_8785(name):
    given = json.loads(text("rfc8785", "input", f"{name}.json"))

    assert canonical(given) == VECTORS.joinpath("rfc8785", "output", f"{name}.json").read_bytes()
    assert canonical(given) == bytes.fromhex(text("rfc8785", "outhex", f"{name}.txt"))


def test_did_keys_of_ed25519_are_the_official_ones():
    for did, vector in values("did-key", "ed25519-x25519.json").items():
        key = key_of(did)

        assert isinstance(key, Ed25519PublicKey)
        assert key.public_bytes_raw() == _published(vector["verificationKeyPair"])
        assert to_did(suites.from_secret(suites.EDDSA, bytes.fromhex(vector["seed"])).public_key()) == did


def test_did_keys_of_the_other_curves_are_the_official_ones():
    for did, vector in _did_keys("zDn", "z82", "zQ3s"):
        key = key_of(did)

        assert isinstance(key, EllipticCurvePublicKey)
        published = _published(vector.get("verificationMethod") or vector["verificationKeyPair"])
        assert key.public_numbers().x.to_bytes(key.key_size // 8, "big") == published[-key.key_size // 8 :]
        assert to_did(key) == did


def test_did_jwk_holds_the_keys_of_the_official_did_keys():
    for did, vector in _did_keys("z6Mk", "zDn", "z82", "zQ3s"):
        key = key_of(did)

        found = intrinsic(did_jwk.to_verification_method(did_jwk.to_did(key)))

        assert to_did(found.key) == did
        method = vector.get("verificationMethod") or vector["verificationKeyPair"]
        assert jwk.encode(key).items() <= method.get("publicKeyJwk", jwk.encode(key)).items()


def test_official_did_keys_of_other_curves_are_refused():
    for did, _ in _did_keys("z2J9"):
        with pytest.raises(NotADidKey):
            key_of(did)


def _did_keys(*starts: str) -> list[tuple[str, dict[str, Any]]]:
    """The official keys of some kinds, at least one of each."""
    files = ("ed25519-x25519.json", "nist-curves.json", "secp256k1.json")
    known = [item for file in files for item in values("did-key", file).items()]
    found = [(did, vector) for did, vector in known if did.removeprefix("did:key:").startswith(starts)]
    assert all(any(did.startswith(f"did:key:{start}") for did, _ in found) for start in starts)
    return found


def _published(method: dict[str, Any]) -> bytes:
    """The key's bytes: raw for Ed25519, the X coordinate or the compressed point for P-256."""
    if "publicKeyBase58" in method:
        return base58.b58decode(method["publicKeyBase58"])
    return base64.urlsafe_b64decode(method["publicKeyJwk"]["x"] + "==")
