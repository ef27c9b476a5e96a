"""Verification methods that need no look-up, since the DID is the key: did:key and did:jwk."""

from __future__ import annotations

from functools import lru_cache

from services.credentials import did_jwk, did_key
from services.credentials.methods import NoSuchMethod, OutOfReach, VerificationMethod
from services.credentials.multikey import PublicKey

# did:key method 0.9, section 3.1.5: a signing key serves all of these.
_PURPOSES = frozenset({"assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"})
_MISSPELT = "the proof names a key that is misspelt or not of a kind read here"


class Intrinsic:
    """The methods that can be found anywhere, without a network."""

    def find(self, verification_method: str) -> VerificationMethod:
        return intrinsic(verification_method)


@lru_cache(maxsize=4096)
def intrinsic(verification_method: str) -> VerificationMethod:
    """Raises NoSuchMethod for a misspelt key of these kinds, and OutOfReach for any other kind of DID."""
    controller = verification_method.partition("#")[0]
    if controller.startswith("did:key:"):
        return VerificationMethod(verification_method, controller, _of_did_key(verification_method), _PURPOSES)
    if controller.startswith("did:jwk:"):
        key, signs = _of_did_jwk(verification_method)
        return VerificationMethod(verification_method, controller, key, _PURPOSES if signs else frozenset())
    raise OutOfReach("only keys of did:key and did:jwk can be checked without a look-up, and this is another kind")


def _of_did_key(verification_method: str) -> PublicKey:
    try:
        return did_key.key_of_method(verification_method)
    except did_key.NotADidKey:
        raise NoSuchMethod(_MISSPELT) from None


def _of_did_jwk(verification_method: str) -> tuple[PublicKey, bool]:
    try:
        return did_jwk.key_of_method(verification_method)
    except did_jwk.NotADidJwk:
        raise NoSuchMethod(_MISSPELT) from None
