"""Bitstring Status List v1.0: a place in a list for every credential, and a bit there that says whether it is void."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.credentials import base64url
from services.credentials.data_model import listed
from services.credentials.domain import Finding, Outcome
from services.messages.document import CONTEXT, Document, to_timestamp

# Section 3.1: so many at least, so that a place tells nothing about whose it is.
ENTRIES = 131_072
REVOCATION = "revocation"
# How long a list may be kept by whoever fetched it, and how long it is good for at most.
TTL = timedelta(minutes=5)
VALIDITY = timedelta(days=1)

_ENTRY = "BitstringStatusListEntry"
_LIST = "BitstringStatusList"
# Both purposes make a credential void, one of them for a while. Others say something else about it.
_PURPOSES = (REVOCATION, "suspension")
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_COMPRESSED_MAX = 48 * 1024
_BYTES_MAX = 128 * 1024
_STATUSES_MAX = 4

GOOD: Finding = (Outcome.PASS, "its issuer's status list says that it is not revoked")


class Unusable(ValueError):
    """Whether a credential is revoked cannot be told from this; the sentence says why."""


class HasAPlace(Exception):
    """A credential of that id was given a place before."""


class Broken(ValueError):
    """The entry or the list breaks the specification, so the credential does not hold; the sentence says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bit of one credential is."""

    list_id: int
    index: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a credential says about its place, in whosever list."""

    address: str
    index: int
    purpose: str


def address_of(public_url: str, list_id: int) -> str:
    return f"{public_url}/status-lists/{list_id}"


def to_status(public_url: str, place: Place) -> Document:
    """The `credentialStatus` of a credential (section 2.1)."""
    address = address_of(public_url, place.list_id)
    return {
        "id": f"{address}#{place.index}",
        "type": _ENTRY,
        "statusPurpose": REVOCATION,
        "statusListIndex": str(place.index),
        "statusListCredential": address,
    }


def to_list(address: str, issuer: str, revoked: Iterable[int], now: datetime) -> Document:
    """The unsigned list (section 2.2)."""
    return {
        "@context": CONTEXT[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": to_timestamp(now),
        "validUntil": to_timestamp(now + VALIDITY),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": _LIST,
            "statusPurpose": REVOCATION,
            "encodedList": encode(revoked),
            "ttl": int(TTL.total_seconds() * 1000),
        },
    }


def encode(revoked: Iterable[int]) -> str:
    """Section 3.3: GZIP, multibase base64url."""
    return "u" + base64url.encode(gzip.compress(to_bits(revoked), mtime=0))


def to_bits(revoked: Iterable[int]) -> bytes:
    """Section 3.3: the left-most bit of the first byte is index 0."""
    bits = bytearray(ENTRIES // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> index % 8
    return bytes(bits)


def decode(encoded: Any) -> bytes:
    """Section 3.4, within bounds. Raises Broken, and Unusable for a list larger than is read."""
    try:
        packed = base64url.decode(encoded[1:]) if isinstance(encoded, str) and encoded.startswith("u") else b""
        if len(packed) > _COMPRESSED_MAX:
            raise Unusable("its status list is larger than is read here")
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        bits = unpacker.decompress(packed, _BYTES_MAX + 1)
    except (Unusable, ValueError, zlib.error) as flaw:
        raise flaw if isinstance(flaw, Unusable) else Broken("its status list cannot be unpacked") from None
    if len(bits) > _BYTES_MAX:
        raise Unusable("its status list is larger than is read here")
    if not unpacker.eof or unpacker.unused_data:
        raise Broken("its status list cannot be unpacked")
    if len(bits) * 8 < ENTRIES:
        raise Broken(f"its status list is too short: less than {ENTRIES} entries")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Raises Broken where the list has no such place."""
    if index >= len(bits) * 8:
        raise Broken("its place is beyond the end of its status list")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def read_entries(status: Any) -> tuple[Entry, ...]:
    """What `credentialStatus` holds, one entry or several. Raises Broken, and Unusable for kinds not read here."""
    statuses = listed(status)
    if not 1 <= len(statuses) <= _STATUSES_MAX:
        raise Unusable("it names more status lists than are looked into here, or none")
    return tuple(_read_entries(statuses))


def _read_entries(statuses: list[Any]) -> Iterator[Entry]:
    for each in statuses:
        if not isinstance(each, dict) or each.get("type") != _ENTRY:
            raise Unusable(f"its status is of a kind not read here; it takes {_ENTRY}")
        if each.get("statusPurpose") not in _PURPOSES or each.get("statusSize", 1) != 1:
            raise Unusable("its status is for a purpose not read here; it takes revocation and suspension")
        index, address = each.get("statusListIndex"), each.get("statusListCredential")
        if not isinstance(index, str) or not _INDEX.fullmatch(index) or not isinstance(address, str):
            raise Broken("it does not say where in which status list its place is")
        yield Entry(address, int(index), each["statusPurpose"])


def bits_of(document: Document, entry: Entry) -> tuple[bytes, timedelta]:
    """The bits of somebody's list, and how long to keep them. Raises Broken or Unusable."""
    subject = document.get("credentialSubject")
    if document.get("id") != entry.address or "BitstringStatusListCredential" not in listed(document.get("type")):
        raise Unusable("what its address leads to is another credential than its status list")
    if not isinstance(subject, dict) or subject.get("type") != _LIST:
        raise Unusable("what its address leads to is no status list")
    if entry.purpose not in listed(subject.get("statusPurpose")):
        raise Broken("its status list is for another purpose than its entry says")
    return decode(subject.get("encodedList")), _ttl(subject.get("ttl"))


def _ttl(milliseconds: Any) -> timedelta:
    if type(milliseconds) is not int or milliseconds < 0:
        return TTL
    return min(timedelta(milliseconds=min(milliseconds, 10**9)), VALIDITY)
