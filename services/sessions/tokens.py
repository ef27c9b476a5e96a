"""The payee token: a bearer secret that authorises acting as the payee of one hosted session.

It is derived from the session's id, so that a retry of the opening call gets it again, and stored only as a hash.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from services.sessions.refusals import PayeeTokenRequired, PayeeTokenWrong

_DOMAIN = b"counterfoil payee token 1\0"


class PayeeTokens:
    def __init__(self, key: bytes) -> None:
        assert len(key) == 32
        self._key = key

    def of(self, session_id: UUID) -> str:
        mac = hmac.digest(self._key, _DOMAIN + session_id.bytes, hashlib.sha256)
        return urlsafe_b64encode(mac).decode().rstrip("=")


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def check(token: str, stored: bytes) -> None:
    """Raises PayeeTokenRequired or PayeeTokenWrong; takes the same time for every wrong token."""
    if not token:
        raise PayeeTokenRequired
    if not hmac.compare_digest(hash_of(token), stored):
        raise PayeeTokenWrong
