"""What stands around a statement in COMPACT: its issuer, its id and time, its place in a status list, its signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from services.codec import place, statements
from services.codec.packing import Reader, Unreadable, Writer
from services.codec.signed import SIGNATURE_BYTES, SUITES, DoesNotFit, Signed
from services.codec.statements import Answered
from services.messages import multibase
from services.messages.message import Kind, Message

KINDS = {Kind.REQUEST: 1, Kind.CLAIM: 2, Kind.ACKNOWLEDGEMENT: 3, Kind.REJECTION: 4, Kind.CANCELLATION: 5}
KIND_OF = {number: kind for kind, number in KINDS.items()}
_DID_KEY, _OTHER_DID = 1, 2
# Beside the form of the issuer: it has a place in a status list; it was not issued in the second that its id names.
_PLACE, _OWN_TIME = 4, 8
FLAGS = _PLACE | _OWN_TIME
_FRAGMENT = re.compile(r"[A-Za-z0-9._:%-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, and with which key."""

    did: str
    method: str
    suite: int


@dataclass(frozen=True, slots=True)
class Before:
    """What was told before a message, and so need not be told again."""

    session_id: UUID
    answered: Answered | None = None
    # The address of the last status list.
    address: str = ""


def issuer_of(signed: Signed) -> Issuer:
    return Issuer(signed.message.issuer, signed.method, signed.suite)


def flags_of(signed: Signed) -> int:
    return _PLACE * (signed.place is not None) | _OWN_TIME * (_own_time(signed.message) != 0)


def form_of(issuer: Issuer) -> int:
    return _DID_KEY if _key_of(issuer) else _OTHER_DID


def write_issuer(out: Writer, issuer: Issuer) -> None:
    if key := _key_of(issuer):
        out.raw(key)
        return
    did, _, fragment = issuer.method.partition("#")
    if did != issuer.did:
        raise DoesNotFit
    out.text(did)
    out.text(fragment)


def read_issuer(read: Reader, form: int, suite: int) -> Issuer:
    if suite not in SUITES or form not in (_DID_KEY, _OTHER_DID):
        raise Unreadable
    if form == _OTHER_DID:
        did, fragment = read.text(), read.text()
        if not _FRAGMENT.fullmatch(fragment):
            raise Unreadable
        return Issuer(did, f"{did}#{fragment}", suite)
    return _issuer_with(read.raw(SUITES[suite][2]), suite)


def write_body(out: Writer, signed: Signed, before: Before) -> None:
    """What follows the issuer."""
    message = signed.message
    statements.write_id(out, message.id, before.session_id)
    if own_time := _own_time(message):
        out.signed(own_time)
    if signed.place:
        place.write(out, signed.place, before.address)
    statements.write(out, message, before.answered)
    if len(signed.signature) != SIGNATURE_BYTES:
        raise DoesNotFit
    out.raw(signed.signature)


def read_body(read: Reader, kind: Kind, flags: int, issuer: Issuer, before: Before) -> Signed:
    message_id = statements.read_id(read, before.session_id)
    own_time = read.signed() if flags & _OWN_TIME else 0
    issued_at = statements.moment(_second_of(message_id) + own_time)
    listed = place.read(read, before.address) if flags & _PLACE else None
    known = statements.Known(issuer.did, before.session_id, issued_at, before.answered)
    message = Message(message_id, before.session_id, issuer.did, issued_at, statements.read(kind, read, known))
    return Signed(message, issuer.suite, issuer.method, read.raw(SIGNATURE_BYTES), listed)


def _own_time(message: Message) -> int:
    return statements.seconds(message.issued_at) - _second_of(message.id)


def _second_of(id: UUID) -> int:
    return statements.milliseconds(id) // 1000


# A service writes and reads the same few issuers again and again.
@lru_cache(256)
def _issuer_with(key: bytes, suite: int) -> Issuer:
    multikey = multibase.encode(SUITES[suite][1] + key)
    return Issuer(f"did:key:{multikey}", f"did:key:{multikey}#{multikey}", suite)


@lru_cache(256)
def _key_of(issuer: Issuer) -> bytes | None:
    """The key of a did:key that signs with its one key."""
    _, prefix, size = SUITES[issuer.suite]
    multikey = issuer.did.removeprefix("did:key:")
    if issuer.method != f"{issuer.did}#{multikey}" or not multikey.startswith("z"):
        return None
    key = multibase.decode(multikey, len(prefix) + size)
    if not key.startswith(prefix):
        raise DoesNotFit
    return key[len(prefix) :]
