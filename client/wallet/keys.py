"""The wallet's one key: made, brought back and opened. Its DID is the party's name."""

from __future__ import annotations

from client.failures import Refused, Unusable
from client.wallet.sealing import NotSealed, WillNotOpen, seal, unseal
from client.wallet.store import WalletFile
from services.credentials.did_key import to_did
from services.credentials.keys import IssuerKey
from services.credentials.suites import EDDSA, from_secret

BACKUP = "backup"


def did_of(secret: bytes) -> str:
    return to_did(from_secret(EDDSA, secret).public_key())


def seal_key(secret: bytes, passphrase: str) -> bytes:
    return seal(secret, passphrase, _purpose(did_of(secret)))


def open_secret(file: WalletFile, passphrase: str) -> bytes:
    """Raises Refused or Unusable."""
    return opened(file.sealed, passphrase, _purpose(file.did))


def open_key(file: WalletFile, passphrase: str) -> IssuerKey:
    secret = open_secret(file, passphrase)
    return IssuerKey(did_of(secret), EDDSA, from_secret(EDDSA, secret))


def opened(sealed: bytes, passphrase: str, purpose: str) -> bytes:
    try:
        return unseal(sealed, passphrase, purpose)
    except WillNotOpen:
        raise Refused("the passphrase does not open it; it is another one, or the file was changed") from None
    except NotSealed:
        raise Unusable("nothing that a wallet has sealed; the file is another one, or it was changed") from None


def _purpose(did: str) -> str:
    """What binds the sealed key to the DID beside it."""
    return f"key of {did}"
