"""did:key for Ed25519, P-256, P-384 and secp256k1 (did:key method 0.9, section 3)."""

from __future__ import annotations

from functools import lru_cache

from services.credentials import multikey
from services.credentials.multikey import PublicKey

_SCHEME = "did:key:"


class NotADidKey(ValueError):
    """A did:key that is misspelt, of another kind of key, or no point that a key may be."""


def to_did(key: PublicKey) -> str:
    return _SCHEME + multikey.encode(key)


def to_verification_method(did: str) -> str:
    """The one key of a did:key: the DID, "#", and the key again."""
    return f"{did}#{did.removeprefix(_SCHEME)}"


@lru_cache(maxsize=4096)
def key_of_method(verification_method: str) -> PublicKey:
    """The key of `did:key:z...#z...`. Raises NotADidKey, also where the two halves name different keys."""
    did = verification_method.partition("#")[0]
    if to_verification_method(did) != verification_method:
        raise NotADidKey(verification_method)
    return key_of(did)


def key_of(did: str) -> PublicKey:
    """The key that a did:key is. Raises NotADidKey."""
    if not did.startswith(_SCHEME):
        raise NotADidKey(did)
    try:
        return multikey.decode(did.removeprefix(_SCHEME))
    except multikey.NotAMultikey:
        raise NotADidKey(did) from None
