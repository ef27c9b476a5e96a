"""Credentials as the credentials service makes them, by issuers of every kind. Their signatures are not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from base58 import b58encode
from hypothesis import strategies as st

from services.codec.place import Place, to_status
from services.messages.document import to_document
from services.messages.message import Message

ED25519, P256 = b"\xed\x01", b"\x80\x24"
SIGNATURE = b"\x5a" * 64


def did_key(prefix: bytes, key: bytes) -> str:
    return "did:key:z" + b58encode(prefix + key).decode()


@dataclass(frozen=True)
class Issuer:
    did: str
    suite: str = "eddsa-jcs-2022"
    fragment: str = ""

    @property
    def method(self) -> str:
        return f"{self.did}#{self.fragment or self.did.rpartition(':')[2]}"


def credential_of(
    message: Message, signature: bytes = SIGNATURE, issuer: Issuer | None = None, place: Place | None = None
) -> dict[str, Any]:
    document = to_document(message)
    if place:
        document["credentialStatus"] = to_status(place)
    issuer = issuer or Issuer(message.issuer)
    proof = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": issuer.suite,
        "created": document["validFrom"],
        "verificationMethod": issuer.method,
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + b58encode(signature).decode(),
    }
    return {**document, "proof": proof}


signatures = st.binary(min_size=64, max_size=64)
_ed25519 = st.binary(min_size=32, max_size=32).map(lambda key: Issuer(did_key(ED25519, key)))
_p256 = st.binary(min_size=32, max_size=32).map(lambda x: Issuer(did_key(P256, b"\2" + x), "ecdsa-jcs-2019"))
_web = st.builds(
    Issuer,
    st.from_regex(r"did:web:[a-z0-9.-]{1,40}(:[A-Za-z0-9._-]{1,40}){0,2}", fullmatch=True),
    st.sampled_from(["eddsa-jcs-2022", "ecdsa-jcs-2019"]),
    st.from_regex(r"[A-Za-z0-9._:%-]{1,60}", fullmatch=True),
)
issuers = _ed25519 | _p256 | _web
_addresses = st.from_regex(
    r"(https://[a-z0-9.-]{1,40}|http://localhost)(:[0-9]{1,5})?(/[A-Za-z0-9_-]{1,9}){0,2}", fullmatch=True
)
places = st.builds(Place, _addresses, st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1))
