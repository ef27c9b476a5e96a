"""Where private keys are kept: wrapped at rest, and in the open only within this process.

A key is wrapped with AES-256-GCM under the key-encryption key, bound to its DID so that wrapped keys cannot be swapped.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.credentials import suites
from services.credentials.did_key import to_did
from services.credentials.keys import IssuerKey, WrappedKey
from services.runtime.settings import BadSetting

# NIST SP 800-38D, section 8.2: 96 bits, never twice under one key; keys are few enough for random ones.
_NONCE_SIZE = 12


class WillNotOpen(Exception):
    """A key was wrapped under another key-encryption key than those given."""


class Vault(Protocol):
    """Makes keys and opens them; the one here wraps them in the database, another may keep them in hardware."""

    def make(self, kind: suites.KeyKind, now: datetime) -> WrappedKey: ...

    def open(self, key: WrappedKey) -> IssuerKey:
        """Raises WillNotOpen."""
        ...

    def rewrap(self, key: WrappedKey) -> WrappedKey | None:
        """The same key wrapped as new ones are; None when it is. Raises WillNotOpen."""
        ...


class WrappingVault:
    def __init__(self, key_encryption_key: bytes, previous: bytes | None = None) -> None:
        self._cipher = _cipher(key_encryption_key)
        self._previous = _cipher(previous) if previous else None

    def make(self, kind: suites.KeyKind, now: datetime) -> WrappedKey:
        private = suites.generate(kind)
        did = to_did(private.public_key())
        return WrappedKey(did, kind, *self._wrap(did, suites.to_secret(private)), created_at=now)

    def open(self, key: WrappedKey) -> IssuerKey:
        secret = self._try(self._cipher, key) or self._try(self._previous, key)
        if secret is None:
            raise WillNotOpen(key.did)
        return IssuerKey(key.did, key.kind, suites.from_secret(key.kind, secret))

    def rewrap(self, key: WrappedKey) -> WrappedKey | None:
        if self._try(self._cipher, key):
            return None
        secret = self._try(self._previous, key)
        if secret is None:
            raise WillNotOpen(key.did)
        wrapped, nonce = self._wrap(key.did, secret)
        return replace(key, wrapped=wrapped, nonce=nonce)

    def _wrap(self, did: str, secret: bytes) -> tuple[bytes, bytes]:
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return self._cipher.encrypt(nonce, secret, did.encode()), nonce

    def _try(self, cipher: AESGCM | None, key: WrappedKey) -> bytes | None:
        try:
            return cipher.decrypt(key.nonce, key.wrapped, key.did.encode()) if cipher else None
        except InvalidTag:
            return None


def _cipher(key_encryption_key: bytes) -> AESGCM:
    if len(key_encryption_key) != 32:
        raise BadSetting("COUNTERFOIL_KEY_ENCRYPTION_KEY: not 32 bytes; put the file key-encryption-key back as it was")
    return AESGCM(key_encryption_key)
