"""Keys by the name that proofs give them: verification methods (CID 1.0, section 2.2), wherever they are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.credentials.multikey import PublicKey


class NoSuchMethod(Exception):
    """The name is misspelt, of a kind not read here, or not in its DID document; the sentence says which."""


class OutOfReach(Exception):
    """The DID document that would hold the key is not at hand; the sentence says why."""


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    # A DID URL, "did:key:z6Mk...#z6Mk...".
    id: str
    # The DID that controls the key.
    controller: str
    key: PublicKey
    # What the controller's document lets the key be used for: "assertionMethod", "authentication"...
    purposes: frozenset[str]


class Methods(Protocol):
    def find(self, verification_method: str) -> VerificationMethod:
        """Raises NoSuchMethod or OutOfReach."""
        ...
