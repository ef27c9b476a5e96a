"""The issuer's keys: one as it is stored, one in the open, and all of them at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from services.credentials import suites
from services.credentials.did_key import key_of, to_verification_method
from services.credentials.domain import KeyState
from services.credentials.methods import VerificationMethod

_ASSERTION = frozenset({"assertionMethod"})


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it is stored; worthless without the vault that made it."""

    # Its did:key, which is its name here whatever the issuer is called.
    did: str
    kind: suites.KeyKind
    # Empty once the key is revoked.
    wrapped: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    created_at: datetime
    # When another took its place.
    retired_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def state(self) -> KeyState:
        if self.revoked_at:
            return KeyState.REVOKED
        return KeyState.RETIRED if self.retired_at else KeyState.CURRENT


@dataclass(frozen=True)
class IssuerKey:
    """A private key in the open. It signs, and shows itself to nobody."""

    # The issuer in whose name it signs.
    did: str
    kind: suites.KeyKind
    _private: suites.PrivateKey = field(repr=False)
    # What proofs call it. Unset: the one key of a did:key.
    verification_method: str = ""

    def __post_init__(self) -> None:
        if not self.verification_method:
            object.__setattr__(self, "verification_method", to_verification_method(self.did))

    @cached_property
    def key(self) -> str:
        """Its did:key, which is its name here whatever the issuer is called."""
        return "did:key:" + self.verification_method.partition("#")[2]

    @property
    def cryptosuite(self) -> suites.Cryptosuite:
        return suites.EDDSA if self.kind == suites.EDDSA else suites.ECDSA_P256

    @property
    def hash_name(self) -> suites.HashName:
        return "sha384" if self.kind == suites.ECDSA_P384 else "sha256"

    def sign(self, data: bytes) -> bytes:
        return self._signing(data)

    @cached_property
    def _signing(self) -> Callable[[bytes], bytes]:
        return suites.signing_with(self._private)

    def named(self, did: str) -> IssuerKey:
        """The same key, signing in the name of a DID whose document lists it."""
        return replace(self, did=did, verification_method=f"{did}#{self.verification_method.partition('#')[2]}")

    def __reduce__(self) -> str:
        raise TypeError("a private key is not written down")


class NoCurrentKey(Exception):
    """The current key was made by a process with another key-encryption key, so this one cannot sign."""


@dataclass(frozen=True)
class Keys:
    """All keys that ever were, newest first, and those of them that sign."""

    stored: tuple[WrappedKey, ...]
    # By did:key; revoked ones are not there.
    opened: Mapping[str, IssuerKey]
    # The issuer's did:web, where it has one.
    web: str | None = None
    # Every name of every key, and what each stands for.
    methods: Mapping[str, VerificationMethod] = field(init=False, repr=False)
    # Every name of a revoked key.
    revoked: frozenset[str] = field(init=False)
    # Every issuer that this service is or was.
    own: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        methods = {each.id: each for key in self.stored for each in self._methods_of(key)}
        revoked = {name for key in self.stored if key.revoked_at for name in self.names(key)}
        object.__setattr__(self, "methods", methods)
        object.__setattr__(self, "revoked", frozenset(revoked))
        object.__setattr__(self, "own", frozenset(each.controller for each in methods.values()))

    @cached_property
    def current_stored(self) -> WrappedKey:
        return next(key for key in self.stored if key.state is KeyState.CURRENT)

    @cached_property
    def current(self) -> IssuerKey:
        """The key that signs new credentials, in the issuer's name. Raises NoCurrentKey."""
        key = self.opened.get(self.current_stored.did)
        if key is None:
            raise NoCurrentKey(self.current_stored.did)
        return key.named(self.web) if self.web else key

    @cached_property
    def issuers(self) -> tuple[str, ...]:
        """Every issuer that this service can still sign for."""
        return (*([self.web] if self.web else []), *self.opened)

    def signer(self, issuer: str) -> IssuerKey | None:
        """The key for an issuer: for a did:key that key, also when retired; for the did:web the current one."""
        return self.current if issuer == self.web else self.opened.get(issuer)

    def find(self, verification_method: str) -> WrappedKey | None:
        return next((key for key in self.stored if verification_method in self.names(key)), None)

    def names(self, key: WrappedKey) -> Iterator[str]:
        """What proofs may call a key, first what they call it today."""
        by_itself = to_verification_method(key.did)
        if self.web:
            yield f"{self.web}#{by_itself.partition('#')[2]}"
        yield by_itself

    def _methods_of(self, key: WrappedKey) -> Iterator[VerificationMethod]:
        for name in self.names(key):
            yield VerificationMethod(name, name.partition("#")[0], key_of(key.did), _ASSERTION)
