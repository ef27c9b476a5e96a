"""Where a credential's bit is in a Bitstring Status List, as this project's issuers write it, in few bytes.

Any other `credentialStatus` does not come back exactly, and its credential travels as CLASSIC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.codec.packing import Reader, Unreadable, Writer
from services.messages.document import Document

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*", re.ASCII)
_ADDRESS_LETTERS_MAX = 128
_LISTS = "/status-lists/"
_NUMBER_MAX = 2**32 - 1
# What nearly every address begins with is not written; one that begins otherwise is written whole.
_UNSAID = "https://"


@dataclass(frozen=True, slots=True)
class Place:
    # The public address of the service that keeps the list.
    address: str
    list_number: int
    index: int


def from_status(status: Document) -> Place:
    """Of whatever is not of this form, `to_status` makes another."""
    address, _, list_number = status["statusListCredential"].rpartition(_LISTS)
    return Place(address, int(list_number), int(status["statusListIndex"]))


def to_status(place: Place) -> Document:
    address = f"{place.address}{_LISTS}{place.list_number}"
    return {
        "id": f"{address}#{place.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place.index),
        "statusListCredential": address,
    }


def write(out: Writer, place: Place, before: str) -> None:
    """`before` is the address that was written last, which is not written again; nothing at first."""
    out.text("" if place.address == before else place.address.removeprefix(_UNSAID))
    out.number(place.list_number)
    out.number(place.index)


def read(read: Reader, before: str) -> Place:
    address = read.text()
    if not address:
        address = before
    elif not address.startswith("http://"):
        address = _UNSAID + address
    list_number, index = read.number(), read.number()
    if len(address) > _ADDRESS_LETTERS_MAX or not _ADDRESS.fullmatch(address):
        raise Unreadable
    if not 1 <= list_number <= _NUMBER_MAX or index > _NUMBER_MAX:
        raise Unreadable
    return Place(address, list_number, index)
