"""SEP-7 links, https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0007.md, operation `pay`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from gateway.pages.links.asked import Asked, Link, uri, wallet_of

_NATIVE, _ANY = "XLM", {"STELLAR"}
_ASSETS = {"USDC", "USDT"}
_ASSET_CODE = re.compile(r"[A-Za-z0-9]{1,12}", re.ASCII)
_MESSAGE_MAX = 300
# SEP-23: the version byte of a public key, the 32 bytes, and CRC-16/XMODEM, little-endian.
_ACCOUNT = re.compile(r"G[A-Z2-7]{55}", re.ASCII)


def of_method(method: str, details: Mapping[str, str], asked: Asked) -> Link | None:
    """Without an asset a wallet takes the native one, so none is left out that is not."""
    if method not in {_NATIVE, *_ANY, *_ASSETS}:
        return None
    asset = details.get("asset") or (asked.currency if method in _ANY else method)
    return link(
        wallet_of(details) or details.get("account", ""),
        amount=asked.amount_in(asset),
        asset=asset,
        issuer=details.get("issuer", ""),
        memo=details.get("memo", ""),
        memo_type=details.get("memo_type", "text"),
        message=asked.description,
    )


def link(
    destination: str,
    *,
    amount: str = "",
    asset: str = _NATIVE,
    issuer: str = "",
    memo: str = "",
    memo_type: str = "text",
    message: str = "",
) -> Link | None:
    """None for what is no account, an asset without its issuer, or a memo that would not arrive as it is."""
    if not is_account(destination) or not _is_asset(asset, issuer) or (memo and not _is_memo(memo, memo_type)):
        return None
    return uri(
        "web+stellar:pay",
        destination=destination,
        amount=amount,
        asset_code="" if asset == _NATIVE else asset,
        asset_issuer=issuer,
        memo=memo,
        memo_type=f"MEMO_{memo_type.upper()}" if memo else "",
        msg=message if len(message) <= _MESSAGE_MAX else "",
    )


def is_account(address: str) -> bool:
    if not _ACCOUNT.fullmatch(address):
        return False
    payload = base64.b32decode(address)
    return binascii.crc_hqx(payload[:-2], 0) == int.from_bytes(payload[-2:], "little")


def _is_asset(asset: str, issuer: str) -> bool:
    if asset == _NATIVE:
        return not issuer
    return bool(_ASSET_CODE.fullmatch(asset)) and is_account(issuer)


def _is_memo(memo: str, kind: str) -> bool:
    match kind:
        case "text":
            return len(memo.encode()) <= 28
        case "id":
            return memo.isascii() and memo.isdigit() and len(memo) <= 20 and int(memo) < 2**64
        case "hash" | "return":
            return _is_hash(memo)
    return False


def _is_hash(memo: str) -> bool:
    """32 bytes in Base64, as SEP-7 wants them."""
    try:
        return len(base64.b64decode(memo, validate=True)) == 32
    except ValueError:
        return False
