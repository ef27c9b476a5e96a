"""Ids of messages that nobody but their signer can use: UUIDv8 (RFC 9562, section 5.8).

They begin with their time, as UUIDv7 do, and end with a hash of that beginning and the signer. So who sees a signed
message before it is handed in cannot take its id for one of their own.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

VERSION = 8
_DOMAIN = b"counterfoil message id 1\0"


def new_id_of(signer: str, moment: datetime) -> UUID:
    """One of 4096 of that millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    return _ended(milliseconds << 16 | VERSION << 12 | secrets.randbits(12), signer)


def may_use(id: UUID, signer: str) -> bool:
    """An id of another version is of whoever uses it first."""
    return id.version != VERSION or id == _ended(id.int >> 64, signer)


def _ended(beginning: int, signer: str) -> UUID:
    digest = sha256(_DOMAIN + beginning.to_bytes(8, "big") + signer.encode()).digest()
    return UUID(int=beginning << 64 | 0b10 << 62 | int.from_bytes(digest[:8], "big") >> 2)
