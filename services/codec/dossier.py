"""A dossier: a whole conversation in one COMPACT text. What its messages have in common is written once.

The request comes first, then each claim with the answer to it, and a cancellation anywhere after the request. Links are
not written: a claim or cancellation answers the request, an answer the last claim before it, and the digests follow.
docs/compact-format.md is the specification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.codec import envelope
from services.codec.armour import CONTENT_BYTES_MAX
from services.codec.compact import TEMPLATE
from services.codec.envelope import FLAGS, KIND_OF, KINDS, Before, Issuer
from services.codec.packing import Reader, Unreadable, Writer
from services.codec.signed import DoesNotFit, Signed, check_same, from_credential, packing, to_credential, unpacking
from services.codec.statements import Answered
from services.messages.document import Document
from services.messages.message import Acknowledgement, Claim, Kind, Message, Request
from services.messages.money import Money

_HEAD = TEMPLATE << 4 | 6
_KNOWN_ISSUER = 3
# Beside the kind: it states the amount of what it answers.
_SAME_AMOUNT = 1
_MESSAGES_MIN = 2


def pack(vcs: Sequence[Document]) -> bytes:
    """The bytes of a conversation, in the order above. Raises DoesNotFit for what they would not give back exactly."""
    with packing():
        conversation = [from_credential(vc) for vc in vcs]
        packed = _pack(conversation)
        if len(packed) > CONTENT_BYTES_MAX or _unpack(packed) != conversation:
            raise DoesNotFit
    return packed


def unpack(packed: bytes) -> tuple[tuple[Message, Document], ...]:
    """The messages and their credentials. Raises MalformedMessage for bytes that no writer writes."""
    with unpacking():
        conversation = _unpack(packed)
        found = tuple((each.message, to_credential(each)) for each in conversation)
        check_same(_pack(conversation), packed)
    return found


def holds(content: bytes) -> bool:
    """Whether these bytes are a dossier's rather than a single message's."""
    return content.startswith(bytes([_HEAD]))


@dataclass
class _Told:
    """What the messages so far have told."""

    session_id: UUID
    issuers: list[Issuer] = field(default_factory=list)
    address: str = ""
    ids: set[UUID] = field(default_factory=set)
    request: Message | None = None
    claim: Message | None = None

    def answered(self, kind: Kind) -> Message | None:
        """What a message of that kind answers here. Raises Unreadable where there is nothing to answer."""
        found = self.claim if kind in (Kind.ACKNOWLEDGEMENT, Kind.REJECTION) else self.request
        # A request opens the conversation, and everything else answers.
        if (found is None) != (kind is Kind.REQUEST):
            raise Unreadable
        return found

    def before(self, answered: Message | None, same_amount: bool) -> Before:
        if answered is None:
            return Before(self.session_id, None, self.address)
        amount = _amount_of(answered) if same_amount else None
        return Before(self.session_id, Answered(answered, amount), self.address)

    def add(self, signed: Signed) -> None:
        message, issuer = signed.message, envelope.issuer_of(signed)
        if message.session_id != self.session_id or message.id in self.ids:
            raise Unreadable
        self.ids.add(message.id)
        if issuer not in self.issuers:
            self.issuers.append(issuer)
        if signed.place:
            self.address = signed.place.address
        if message.kind is Kind.REQUEST:
            self.request = message
        if message.kind is Kind.CLAIM:
            self.claim = message


def _pack(conversation: Sequence[Signed]) -> bytes:
    if len(conversation) < _MESSAGES_MIN:
        raise DoesNotFit
    out, told = Writer(), _Told(conversation[0].message.session_id)
    out.raw(bytes([_HEAD]) + told.session_id.bytes)
    for signed in conversation:
        _write(out, signed, told)
        told.add(signed)
    return bytes(out.bytes)


def _write(out: Writer, signed: Signed, told: _Told) -> None:
    message, issuer, flags = signed.message, envelope.issuer_of(signed), envelope.flags_of(signed)
    answered = told.answered(message.kind)
    same_amount = answered is not None and _amount_of(message) == _amount_of(answered)
    out.raw(bytes([same_amount << 4 | KINDS[message.kind]]))
    if issuer in told.issuers:
        out.raw(bytes([(flags | _KNOWN_ISSUER) << 4 | told.issuers.index(issuer)]))
    else:
        out.raw(bytes([(flags | envelope.form_of(issuer)) << 4 | issuer.suite]))
        envelope.write_issuer(out, issuer)
    envelope.write_body(out, signed, told.before(answered, same_amount))


def _unpack(packed: bytes) -> list[Signed]:
    read = Reader(packed)
    if read.raw(1)[0] != _HEAD:
        raise Unreadable
    told, found = _Told(UUID(bytes=read.raw(16))), []
    while read.left:
        found.append(_read(read, told))
        told.add(found[-1])
    return found


def _read(read: Reader, told: _Told) -> Signed:
    (same_amount, number), (form, suite) = (divmod(byte, 16) for byte in read.raw(2))
    if number not in KIND_OF:
        raise Unreadable
    kind = KIND_OF[number]
    if form & ~FLAGS == _KNOWN_ISSUER:
        if suite >= len(told.issuers):
            raise Unreadable
        issuer = told.issuers[suite]
    else:
        issuer = envelope.read_issuer(read, form & ~FLAGS, suite)
    before = told.before(told.answered(kind), bool(same_amount))
    return envelope.read_body(read, kind, form & FLAGS, issuer, before)


def _amount_of(message: Message) -> Money | None:
    statement = message.statement
    return statement.amount if isinstance(statement, Request | Claim | Acknowledgement) else None
