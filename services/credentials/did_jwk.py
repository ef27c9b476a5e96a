"""did:jwk (did:jwk method specification): the DID is the key as a JWK, and its one verification method is "#0"."""

from __future__ import annotations

from typing import Any

from services.credentials import base64url, jwk
from services.credentials.multikey import PublicKey
from services.messages.canonical import canonical, read_json
from services.messages.refusals import MalformedMessage

_SCHEME = "did:jwk:"
_FRAGMENT = "#0"
# A P-384 key takes 230 characters; the rest is for members such as "kid" and "use".
_DID_CHARACTERS_MAX = 1024


class NotADidJwk(ValueError):
    """A did:jwk that is misspelt or of another kind of key."""


def to_did(key: PublicKey) -> str:
    """The shortest did:jwk of a key; others of the same key hold more members or the same in another order."""
    return _SCHEME + base64url.encode(canonical(jwk.encode(key)))


def to_verification_method(did: str) -> str:
    return did + _FRAGMENT


def key_of_method(verification_method: str) -> tuple[PublicKey, bool]:
    """The key of `did:jwk:...#0` and whether it is for signatures (its `use` does not say "enc"). Raises NotADidJwk."""
    did, hash_sign, fragment = verification_method.partition("#")
    if hash_sign + fragment != _FRAGMENT:
        raise NotADidJwk(verification_method)
    value = _read(did)
    try:
        return jwk.decode(value), value.get("use", "sig") == "sig"
    except jwk.NotAJwk:
        raise NotADidJwk(did) from None


def _read(did: str) -> Any:
    if not did.startswith(_SCHEME) or len(did) > _DID_CHARACTERS_MAX:
        raise NotADidJwk(did)
    try:
        return read_json(base64url.decode(did.removeprefix(_SCHEME)))
    except (ValueError, MalformedMessage):
        raise NotADidJwk(did) from None
