"""BIP-21 links, https://github.com/bitcoin/bips/blob/master/bip-0021.mediawiki, for addresses of the main network."""

from __future__ import annotations

from collections.abc import Mapping

import base58

from gateway.pages.links.asked import Asked, Link, uri, wallet_of

_NAMES = {"BTC", "BITCOIN"}
_PAY_TO_KEY_HASH, _PAY_TO_SCRIPT_HASH = 0, 5
_BECH32_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32, _BECH32M = 1, 0x2BC830A3
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def of_method(method: str, details: Mapping[str, str], asked: Asked) -> Link | None:
    if method not in _NAMES:
        return None
    return link(wallet_of(details), amount=asked.amount_in("BTC"), label=asked.payee, message=asked.description)


def link(address: str, *, amount: str = "", label: str = "", message: str = "") -> Link | None:
    """None for what is no address."""
    if not is_address(address):
        return None
    return uri(f"bitcoin:{address}", amount=amount, label=label, message=message)


def is_address(address: str) -> bool:
    if not 26 <= len(address) <= 90 or not address.isascii():
        return False
    return _is_segwit(address) if address[:3].lower() == "bc1" else _is_base58(address)


def _is_base58(address: str) -> bool:
    try:
        payload = base58.b58decode_check(address)
    except ValueError:
        return False
    return len(payload) == 21 and payload[0] in (_PAY_TO_KEY_HASH, _PAY_TO_SCRIPT_HASH)


def _is_segwit(address: str) -> bool:
    """BIP-173 for version 0, BIP-350 for later ones."""
    if address not in (address.lower(), address.upper()):
        return False
    letters = address.lower().removeprefix("bc1")
    if not set(letters) <= set(_BECH32_LETTERS):
        return False
    values = [_BECH32_LETTERS.index(letter) for letter in letters]
    version, program = values[0], values[1:-6]
    checksum = _polymod([3, 3, 0, ord("b") & 31, ord("c") & 31, *values])
    return checksum == (_BECH32M if version else _BECH32) and _is_program(version, program)


def _is_program(version: int, program: list[int]) -> bool:
    size, spare_bits = divmod(len(program) * 5, 8)
    padded = spare_bits < 5 and not program[-1] & ((1 << spare_bits) - 1)
    return padded and version <= 16 and (size in (20, 32) if version == 0 else 2 <= size <= 40)


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
