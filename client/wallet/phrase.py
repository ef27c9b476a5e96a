"""From twelve words to a key, the same in every program: BIP-39, then SLIP-0010 for Ed25519.

docs/wallet.md is the specification, with an example.
"""

from __future__ import annotations

import hashlib
import hmac

from mnemonic import Mnemonic

# A purpose of our own (BIP-43), the letters CF01, so that no wallet for coins ever makes this key of the same words: a
# key that signs both messages and transactions can be made to sign one for the other. Then the number of the key.
PURPOSE = int.from_bytes(b"CF01", "big")
PATH = (PURPOSE, 0)
# Twice the strength of the words would not make Ed25519 any stronger.
_STRENGTH_BITS = 128
_HARDENED = 1 << 31
_WORDS = Mnemonic("english")
_CHARACTERS_MAX = 512


class NotAPhrase(ValueError):
    """Words that are misspelt, out of order or not all there; the sentence says which."""


def generate() -> str:
    return str(_WORDS.generate(_STRENGTH_BITS))


def secret_of(phrase: str) -> bytes:
    """The 32 bytes that are the private key. Raises NotAPhrase."""
    words = phrase.lower().split() if len(phrase) <= _CHARACTERS_MAX else []
    if len(words) not in (12, 15, 18, 21, 24):
        raise NotAPhrase("a phrase has 12 words, or 15, 18, 21 or 24")
    for number, word in enumerate(words, 1):
        if word not in _WORDS.wordlist:
            raise NotAPhrase(f"word {number} is none of those that phrases are made of; look for a slip")
    if not _WORDS.check(" ".join(words)):
        raise NotAPhrase("each word is one, but not together; look for two in the wrong order, or a wrong one")
    return derive(Mnemonic.to_seed(" ".join(words)), PATH)


def derive(seed: bytes, path: tuple[int, ...]) -> bytes:
    """The private key at a path of hardened steps, which are all that SLIP-0010 has for Ed25519."""
    node = hmac.digest(b"ed25519 seed", seed, hashlib.sha512)
    for index in path:
        step = b"\0" + node[:32] + (index | _HARDENED).to_bytes(4, "big")
        node = hmac.digest(node[32:], step, hashlib.sha512)
    return node[:32]
