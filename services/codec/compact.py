"""The format COMPACT: a message's fields, its issuer's key and its signature, from which the whole credential follows.

The signature is the `proofValue` of the credential that the frozen template makes of the fields, byte for byte. What
does not come back exactly does not fit and travels as CLASSIC. docs/compact-format.md is the specification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from base58 import b58decode, b58encode

from services.codec import statements
from services.codec.armour import CONTENT_BYTES_MAX
from services.codec.packing import Reader, Unreadable, Writer
from services.messages.document import Document, from_document, to_document
from services.messages.message import (
    Kind,
    Message,
)
from services.messages.refusals import FormatNotSupported, MalformedMessage
from services.runtime.refusals import Refusal

TEMPLATE = 1
_KINDS = {Kind.REQUEST: 1, Kind.CLAIM: 2, Kind.ACKNOWLEDGEMENT: 3, Kind.REJECTION: 4, Kind.CANCELLATION: 5}
_KIND_OF = {number: kind for kind, number in _KINDS.items()}
# The number of a suite, its name, the multicodec prefix of its did:key and the size of the key.
_SUITES = {1: ("eddsa-jcs-2022", b"\xed\x01", 32), 2: ("ecdsa-jcs-2019", b"\x80\x24", 33)}
_SUITE_OF = {name: number for number, (name, _, _) in _SUITES.items()}
_DID_KEY, _OTHER_DID = 1, 2
# Beside the form of the issuer: the message was not issued in the second that its id names.
_OWN_TIME = 8
_SIGNATURE_BYTES = 64
_FRAGMENT = re.compile(r"[A-Za-z0-9._:%-]{1,128}", re.ASCII)


class DoesNotFit(Exception):
    """A credential that COMPACT cannot hold exactly."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A message, and what its proof adds to it."""

    message: Message
    suite: int
    # The issuer's verification method; for a did:key its one key.
    method: str
    signature: bytes


def pack(vc: Document) -> bytes:
    """The bytes of a credential. Raises DoesNotFit for what they would not give back exactly."""
    try:
        packed = _pack(_signed(vc))
        if len(packed) > CONTENT_BYTES_MAX or _document(_unpack(packed)) != vc:
            raise DoesNotFit
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Refusal) as error:
        raise DoesNotFit from error
    return packed


def unpack(packed: bytes) -> tuple[Message, Document]:
    """The message and its credential. Raises MalformedMessage for bytes that no writer writes, FormatNotSupported."""
    try:
        signed = _unpack(packed)
        document = _document(signed)
        written = _pack(signed)
    except FormatNotSupported:
        raise
    except (DoesNotFit, KeyError, ValueError, OverflowError, Refusal) as error:
        raise MalformedMessage("its fields cannot be read") from error
    if written != packed:
        raise MalformedMessage("it is written in another way than the one there is")
    return signed.message, document


def _signed(vc: Document) -> Signed:
    proof = vc["proof"]
    message = from_document({name: value for name, value in vc.items() if name != "proof"})
    signature = b58decode(proof["proofValue"][1:])
    return Signed(message, _SUITE_OF[proof["cryptosuite"]], proof["verificationMethod"], signature)


def _document(signed: Signed) -> Document:
    document = to_document(signed.message)
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": _SUITES[signed.suite][0],
        "created": document["validFrom"],
        "verificationMethod": signed.method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
        "proofValue": "z" + b58encode(signed.signature).decode(),
    }
    return {**document, "proof": proof}


def _pack(signed: Signed) -> bytes:
    message, out = signed.message, Writer()
    key = _key_of(signed)
    own_time = statements.seconds(message.issued_at) - statements.milliseconds(message.id) // 1000
    form = (_DID_KEY if key else _OTHER_DID) | (_OWN_TIME if own_time else 0)
    out.raw(bytes([TEMPLATE << 4 | _KINDS[message.kind], form << 4 | signed.suite]))
    if key:
        out.raw(key)
    else:
        did, _, fragment = signed.method.partition("#")
        if did != message.issuer:
            raise DoesNotFit
        out.text(did)
        out.text(fragment)
    out.raw(message.session_id.bytes)
    statements.write_id(out, message.id, message.session_id)
    if own_time:
        out.signed(own_time)
    statements.write(out, message)
    if len(signed.signature) != _SIGNATURE_BYTES:
        raise DoesNotFit
    out.raw(signed.signature)
    return bytes(out.bytes)


def _unpack(packed: bytes) -> Signed:
    read = Reader(packed)
    (template, kind), (form, suite) = (divmod(byte, 16) for byte in read.raw(2))
    if template > TEMPLATE:
        raise FormatNotSupported
    if template < TEMPLATE or kind not in _KIND_OF or suite not in _SUITES:
        raise Unreadable
    issuer, method = _read_issuer(read, form & ~_OWN_TIME, suite)
    session_id = UUID(bytes=read.raw(16))
    message_id = statements.read_id(read, session_id)
    issued_at = statements.moment(
        statements.milliseconds(message_id) // 1000 + (read.signed() if form & _OWN_TIME else 0)
    )
    statement = statements.read(_KIND_OF[kind], read, statements.Known(issuer, session_id, issued_at))
    signature = read.raw(_SIGNATURE_BYTES)
    if read.left:
        raise Unreadable
    return Signed(Message(message_id, session_id, issuer, issued_at, statement), suite, method, signature)


def _key_of(signed: Signed) -> bytes | None:
    """The key of a did:key that signs with its one key."""
    _, prefix, size = _SUITES[signed.suite]
    multikey = signed.message.issuer.removeprefix("did:key:")
    if signed.method != f"{signed.message.issuer}#{multikey}" or not multikey.startswith("z"):
        return None
    key = b58decode(multikey[1:])
    if not key.startswith(prefix) or len(key) != len(prefix) + size:
        raise DoesNotFit
    return key[len(prefix) :]


def _read_issuer(read: Reader, form: int, suite: int) -> tuple[str, str]:
    if form == _OTHER_DID:
        did, fragment = read.text(), read.text()
        if not _FRAGMENT.fullmatch(fragment):
            raise Unreadable
        return did, f"{did}#{fragment}"
    if form != _DID_KEY:
        raise Unreadable
    _, prefix, size = _SUITES[suite]
    multikey = "z" + b58encode(prefix + read.raw(size)).decode()
    return f"did:key:{multikey}", f"did:key:{multikey}#{multikey}"
