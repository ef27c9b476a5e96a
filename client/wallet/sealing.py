"""Secrets at rest: AES-256-GCM under a key that scrypt makes of a passphrase.

    CFS1 | log2 of scrypt's N, 1 byte | salt, 16 | nonce, 12 | ciphertext and tag

All before the ciphertext is authenticated with it, and so is what the secret is for. N is bounded where it is read: a
file that somebody changed neither makes the passphrase any easier to guess nor takes gigabytes.
"""

from __future__ import annotations

import secrets
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"CFS1"
# 128 MiB and a third of a second for each guess.
LOG2_N = 17
_LOG2_N_MIN, _LOG2_N_MAX = 15, 18
_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_HEADER_BYTES = len(MAGIC) + 1 + _SALT_BYTES + _NONCE_BYTES


class WillNotOpen(Exception):
    """The passphrase is wrong, or the file was changed: which of them cannot be told."""


class NotSealed(Exception):
    """Bytes that nothing here has sealed."""


def seal(secret: bytes, passphrase: str, purpose: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    header = MAGIC + bytes([LOG2_N]) + secrets.token_bytes(_SALT_BYTES) + nonce
    return header + _cipher(header, passphrase).encrypt(nonce, secret, header + purpose.encode())


def unseal(sealed: bytes, passphrase: str, purpose: str) -> bytes:
    """Raises NotSealed or WillNotOpen."""
    header, content = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
    if not header.startswith(MAGIC) or len(content) < _TAG_BYTES:
        raise NotSealed
    if not _LOG2_N_MIN <= header[len(MAGIC)] <= _LOG2_N_MAX:
        raise NotSealed
    try:
        cipher = _cipher(header, passphrase)
        return cipher.decrypt(header[-_NONCE_BYTES:], content, header + purpose.encode())
    except InvalidTag:
        raise WillNotOpen from None


def _cipher(header: bytes, passphrase: str) -> AESGCM:
    salt = header[len(MAGIC) + 1 : len(MAGIC) + 1 + _SALT_BYTES]
    scrypt = Scrypt(salt, length=32, n=1 << header[len(MAGIC)], r=8, p=1)
    # One passphrase, however a keyboard composes its letters.
    return AESGCM(scrypt.derive(normalize("NFKC", passphrase).encode()))
