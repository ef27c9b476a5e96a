"""Credentials as compact JWS (VC-JOSE-COSE 1.0, section 3.1; RFC 7515), with none of JOSE's choices left to the sender.

The kind of the key decides the one algorithm that is read. What a header could bring along to be believed (a key, an
address of one, an extension) is refused with the header.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.credentials import base64url, suites
from services.credentials.methods import Methods, VerificationMethod
from services.credentials.multikey import PublicKey
from services.credentials.proofs import ProofFails, Signer
from services.messages.canonical import JSON_BYTES_MAX, canonical, read_json
from services.messages.document import Document
from services.messages.refusals import MalformedMessage

_TYPE = "vc+jwt"
_CONTENT_TYPE = "vc"
# No others: `jwk`, `jku`, `x5c` and `x5u` bring the key to be believed, `crit` and `b64` another way of reading.
_HEADER = frozenset({"alg", "kid", "typ", "cty", "iss"})
# Claims that stand beside the credential, not in it (RFC 7519, section 4.1; VC-JOSE-COSE 1.0, section 3.1.3).
_CLAIMS = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
_ALGORITHMS = frozenset({"EdDSA", "ES256", "ES384"})
_SIGNING = {
    (suites.EDDSA, "sha256"): "EdDSA",
    (suites.ECDSA_P256, "sha256"): "ES256",
    (suites.ECDSA_P256, "sha384"): "ES384",
}


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS taken apart. Nothing in it is believed yet."""

    header: Document = field(default_factory=dict)
    claims: Document = field(default_factory=dict)
    signed: bytes = b""
    signature: bytes = b""

    @property
    def verification_method(self) -> str:
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""


def is_compact(text: str) -> bool:
    """Whether a text is written as a compact JWS rather than as JSON."""
    return text.count(".") == 2 and text[:1] not in ("{", "[", " ", "\n", "\r", "\t", '"')


def read(text: str) -> tuple[Document, Jws]:
    """The credential in a JWS, and the rest. Raises MalformedMessage."""
    if len(text) > JSON_BYTES_MAX:
        raise MalformedMessage(f"it is longer than {JSON_BYTES_MAX} bytes")
    try:
        header, payload, signature = (base64url.decode(part) for part in text.split("."))
    except ValueError:
        raise MalformedMessage("it is not three parts in base64url, without padding, as a compact JWS is") from None
    document = _read_object(payload)
    if not document.keys().isdisjoint({"proof", "vc", "vp"}):
        raise MalformedMessage("it carries a proof of its own inside, or a credential of version 1.1")
    claims = {name: document.pop(name) for name in _CLAIMS if name in document}
    return document, Jws(_read_object(header), claims, text.rpartition(".")[0].encode(), signature)


def sign(document: Document, signer: Signer) -> str:
    """The credential as a compact JWS; the same bytes for the same document and key."""
    header = {
        "alg": _SIGNING[signer.cryptosuite, signer.hash_name],
        "cty": _CONTENT_TYPE,
        "kid": signer.verification_method,
        "typ": _TYPE,
    }
    signed = f"{base64url.encode(canonical(header))}.{base64url.encode(canonical(document))}"
    return f"{signed}.{base64url.encode(signer.sign(signed.encode()))}"


def check(document: Document, jws: Jws, methods: Methods) -> None:
    """Raises ProofFails, NoSuchMethod or OutOfReach unless the JWS is its key's and says what the document says."""
    _check_header(jws.header)
    _check_claims(document, jws)
    _check_signature(jws, methods.find(jws.verification_method))


def _check_header(header: Document) -> None:
    if not header.keys() <= _HEADER:
        raise ProofFails(f"its header holds more than {', '.join(sorted(_HEADER))}, which is not believed")
    if header.get("typ") != _TYPE or header.get("cty", _CONTENT_TYPE) != _CONTENT_TYPE:
        raise ProofFails(f"it is not a credential by its header (typ {_TYPE})")
    if not isinstance(header.get("alg"), str) or header["alg"] not in _ALGORITHMS:
        raise ProofFails(f"its algorithm is none that is read here; it takes {', '.join(sorted(_ALGORITHMS))}")
    if not isinstance(header.get("kid"), str):
        raise ProofFails("it does not name the key that signed it (kid)")


def _check_claims(document: Document, jws: Jws) -> None:
    """The claims beside the credential repeat it or are not there; they never say otherwise."""
    if "aud" in jws.claims:
        raise ProofFails("it was made for one audience (aud), and a credential is for everybody")
    subject = document.get("credentialSubject")
    repeated = {
        "iss": _identity(document.get("issuer")),
        "jti": document.get("id"),
        "sub": _identity(subject) if isinstance(subject, dict) else None,
    }
    said = [(name, jws.claims[name]) for name in repeated if name in jws.claims]
    if "iss" in jws.header:
        said.append(("iss", jws.header["iss"]))
    if any(value is None or value != repeated[name] for name, value in said):
        raise ProofFails("its claims beside the credential (iss, jti, sub) say other than the credential")


def _check_signature(jws: Jws, method: VerificationMethod) -> None:
    if jws.header["alg"] != _algorithm_of(method.key):
        raise ProofFails(f"the key is not of the kind that {jws.header['alg']} takes")
    if len(jws.signature) != suites.signature_size(method.key):
        raise ProofFails("the signature is not of the size that its algorithm writes")
    if not suites.holds(method.key, jws.signature, jws.signed):
        raise ProofFails("the signature does not fit: the text was changed after signing, or another key signed it")


def _algorithm_of(key: PublicKey) -> str:
    """The one algorithm of a kind of key (RFC 8037, section 3.1; RFC 7518, section 3.4); nothing for other kinds."""
    return {"ed25519": "EdDSA", "secp256r1": "ES256", "secp384r1": "ES384"}.get(suites.kind_of(key), "")


def _identity(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value


def _read_object(content: bytes) -> Document:
    value = read_json(content)
    if not isinstance(value, dict):
        raise MalformedMessage("a part of it is no JSON object")
    return value
