"""The format COMPACT: a message's fields, its issuer's key and its signature, from which the whole credential follows.

The signature is the `proofValue` of the credential that the frozen template makes of the fields, byte for byte. What
does not come back exactly does not fit and travels as CLASSIC. docs/compact-format.md is the specification.
"""

from __future__ import annotations

from uuid import UUID

from services.codec import envelope
from services.codec.armour import CONTENT_BYTES_MAX
from services.codec.envelope import FLAGS, KIND_OF, KINDS, Before
from services.codec.packing import Reader, Unreadable, Writer
from services.codec.signed import (
    DoesNotFit,
    Signed,
    check_same,
    from_credential,
    from_parts,
    packing,
    to_credential,
    unpacking,
)
from services.messages.document import Document
from services.messages.message import Message
from services.messages.refusals import FormatNotSupported
from services.messages.secured import Secured

TEMPLATE = 1


def pack(vc: Document) -> bytes:
    """The bytes of a credential. Raises DoesNotFit for what they would not give back exactly."""
    with packing():
        return _pack_exactly(from_credential(vc))


def pack_made(made: Secured) -> bytes:
    """The same for one that was made of these parts. Raises DoesNotFit."""
    with packing():
        signed = from_parts(made)
        # Every valid message is read back as it is; what was set up, an address or another DID, may not be.
        needs_proof = signed.place or not signed.method.startswith("did:key:")
        return _pack_exactly(signed) if needs_proof else _bounded(_pack(signed))


def unpack(packed: bytes) -> tuple[Message, Document]:
    """The message and its credential. Raises MalformedMessage for bytes that no writer writes, FormatNotSupported."""
    with unpacking():
        signed = _unpack(packed)
        document = to_credential(signed)
        check_same(_pack(signed), packed)
    return signed.message, document


def _pack_exactly(signed: Signed) -> bytes:
    packed = _bounded(_pack(signed))
    if _unpack(packed) != signed:
        raise DoesNotFit
    return packed


def _bounded(packed: bytes) -> bytes:
    if len(packed) > CONTENT_BYTES_MAX:
        raise DoesNotFit
    return packed


def _pack(signed: Signed) -> bytes:
    message, issuer, out = signed.message, envelope.issuer_of(signed), Writer()
    form = envelope.form_of(issuer) | envelope.flags_of(signed)
    out.raw(bytes([TEMPLATE << 4 | KINDS[message.kind], form << 4 | signed.suite]))
    envelope.write_issuer(out, issuer)
    out.raw(message.session_id.bytes)
    envelope.write_body(out, signed, Before(message.session_id))
    return bytes(out.bytes)


def _unpack(packed: bytes) -> Signed:
    read = Reader(packed)
    first, second = read.raw(2)
    (template, kind), (form, suite) = divmod(first, 16), divmod(second, 16)
    if template > TEMPLATE:
        raise FormatNotSupported
    if template < TEMPLATE or kind not in KIND_OF:
        raise Unreadable
    issuer = envelope.read_issuer(read, form & ~FLAGS, suite)
    before = Before(UUID(bytes=read.raw(16)))
    signed = envelope.read_body(read, KIND_OF[kind], form & FLAGS, issuer, before)
    if read.left:
        raise Unreadable
    return signed
