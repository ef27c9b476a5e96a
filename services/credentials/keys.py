"""The issuer's keys: made on first start, wrapped at rest, and in the open only within this process.

A key is wrapped with AES-256-GCM under the key-encryption key, bound to its DID so that wrapped keys cannot be swapped.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.credentials import suites
from services.credentials.did_key import to_did, to_verification_method
from services.runtime.settings import BadSetting

# NIST SP 800-38D, section 8.2: 96 bits, never twice under one key; keys are few enough for random ones.
_NONCE_SIZE = 12

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it is stored; worthless without the key-encryption key."""

    did: str
    cryptosuite: suites.Cryptosuite
    wrapped: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    current: bool


class KeyStore(Protocol):
    async def keys(self) -> list[WrappedKey]: ...

    async def make_current(self, key: WrappedKey, *, instead_of: str | None) -> None:
        """Keeps a key as the current one, unless another has become current since `instead_of` was."""
        ...


@dataclass(frozen=True)
class IssuerKey:
    """A private key in the open. It signs, and shows itself to nobody."""

    # The issuer in whose name it signs.
    did: str
    cryptosuite: suites.Cryptosuite
    _private: suites.PrivateKey = field(repr=False)
    # What proofs call it. Unset: the one key of a did:key.
    verification_method: str = ""

    def __post_init__(self) -> None:
        if not self.verification_method:
            object.__setattr__(self, "verification_method", to_verification_method(self.did))

    def sign(self, data: bytes) -> bytes:
        return suites.sign(self._private, data)


@dataclass(frozen=True)
class Keys:
    """All keys of this service by their DIDs; the retired ones still sign retries that name them."""

    by_did: dict[str, IssuerKey]
    current: IssuerKey


async def open_keys(store: KeyStore, key_encryption_key: bytes, cryptosuite: suites.Cryptosuite) -> Keys:
    """Loads the keys, and makes one of that suite current where none is. Raises BadSetting for a wrong wrapping key."""
    keys = await _load(store, key_encryption_key)
    if keys is None or keys.current.cryptosuite != cryptosuite:
        fresh = _wrap(suites.generate(cryptosuite), cryptosuite, _cipher(key_encryption_key))
        await store.make_current(fresh, instead_of=keys.current.did if keys else None)
        # Read again, because another process may have been first.
        keys = await _load(store, key_encryption_key)
        assert keys
        log.info("issuer key in use", issuer=keys.current.did, cryptosuite=keys.current.cryptosuite)
    return keys


async def _load(store: KeyStore, key_encryption_key: bytes) -> Keys | None:
    stored = await store.keys()
    cipher = _cipher(key_encryption_key)
    by_did = {wrapped.did: _unwrap(wrapped, cipher) for wrapped in stored}
    current = [by_did[wrapped.did] for wrapped in stored if wrapped.current]
    assert len(current) == min(len(stored), 1), "exactly one issuer key is current"
    return Keys(by_did, current[0]) if current else None


def _wrap(private: suites.PrivateKey, cryptosuite: suites.Cryptosuite, cipher: AESGCM) -> WrappedKey:
    did = to_did(private.public_key())
    nonce = secrets.token_bytes(_NONCE_SIZE)
    wrapped = cipher.encrypt(nonce, suites.to_secret(private), did.encode())
    return WrappedKey(did, cryptosuite, wrapped, nonce, current=True)


def _unwrap(key: WrappedKey, cipher: AESGCM) -> IssuerKey:
    try:
        secret = cipher.decrypt(key.nonce, key.wrapped, key.did.encode())
    except InvalidTag:
        raise BadSetting(
            "COUNTERFOIL_KEY_ENCRYPTION_KEY: does not open the issuer keys in the database; give the key they were "
            "wrapped with, or put its file key-encryption-key back into the data directory"
        ) from None
    return IssuerKey(key.did, key.cryptosuite, suites.from_secret(key.cryptosuite, secret))


def _cipher(key_encryption_key: bytes) -> AESGCM:
    if len(key_encryption_key) != 32:
        raise BadSetting("COUNTERFOIL_KEY_ENCRYPTION_KEY: not 32 bytes; put the file key-encryption-key back as it was")
    return AESGCM(key_encryption_key)
