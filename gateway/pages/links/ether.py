"""EIP-681 links, https://eips.ethereum.org/EIPS/eip-681, for ether; no tokens, whose decimals differ between chains."""

from __future__ import annotations

import re
from collections.abc import Mapping

from Crypto.Hash import keccak

from gateway.pages.links.asked import Asked, Link, wallet_of

_NAMES = {"ETH", "ETHER", "ETHEREUM"}
_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{40}", re.ASCII)
_CHAIN = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_MAIN_NETWORK = "1"


def of_method(method: str, details: Mapping[str, str], _: Asked) -> Link | None:
    """Without an amount, since no request is in ether."""
    if method not in _NAMES:
        return None
    return link(wallet_of(details), chain=details.get("chain_id", _MAIN_NETWORK))


def link(address: str, *, chain: str = _MAIN_NETWORK) -> Link | None:
    """None for what is no address, or one whose capitals (EIP-55) show that a letter is wrong."""
    if not _ADDRESS.fullmatch(address) or not _CHAIN.fullmatch(chain):
        return None
    digits, written = address[2:], checksummed(address)
    if digits not in (digits.lower(), digits.upper()) and address != written:
        return None
    whole = f"ethereum:{written}@{chain}"
    return Link(whole, whole)


def checksummed(address: str) -> str:
    """EIP-55: a letter is a capital where the digest of the address has a digit of 8 or more."""
    digits = address[2:].lower()
    digest = keccak.new(digest_bits=256, data=digits.encode()).hexdigest()
    return "0x" + "".join(
        letter.upper() if int(nibble, 16) >= 8 else letter for letter, nibble in zip(digits, digest, strict=False)
    )
