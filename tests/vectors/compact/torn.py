"""Dossiers that no writer writes, and dossiers of what was not signed so: pieces of whole ones, put together anew."""

from __future__ import annotations

from collections.abc import Iterator

from base58 import b58decode

from services.codec import dossier
from services.messages.document import Document, message_digest
from services.messages.message import Claim, Message, Rejection
from tests.vectors.compact.contents import number, text
from tests.vectors.compact.conversations import (
    REFERENCE,
    SECOND_ANSWER_ID,
    SECOND_CLAIM_ID,
    Conversation,
    acknowledge,
    conversations,
    withdrawn,
)
from tests.vectors.compact.places import PLACE
from tests.vectors.compact.samples import ANA, ASKED, BO, CLAIMED, a_request, message, usd
from tests.vectors.compact.signing import issue

_HEAD_BYTES = 17
_SIGNATURE_BYTES = 64


def issued(conversation: Conversation) -> list[Document]:
    return [issue(each, signer, place) for each, signer, place in conversation]


def pieces(conversation: Conversation) -> tuple[bytes, ...]:
    """What a dossier begins with, and what each of its messages takes."""
    credentials = issued(conversation)
    content = dossier.pack(credentials)
    found, at = [content[:_HEAD_BYTES]], _HEAD_BYTES
    for each in credentials:
        end = content.index(b58decode(each["proof"]["proofValue"][1:]), at) + _SIGNATURE_BYTES
        found.append(content[at:end])
        at = end
    return tuple(found)


_HEAD, _REQUEST, _CLAIM, _ANSWER = pieces(REFERENCE)
_PARTS = pieces(dict(conversations())["paid in two parts, one of them rejected, then withdrawn"])
_REJECTION, _CANCELLATION = _PARTS[5], _PARTS[6]
_LISTED = pieces([(each, signer, PLACE) for each, signer, _ in REFERENCE])
# A place in the list at the address that was told before.
_TOLD = b"\0\1" + number(PLACE.index)
_WITH_ISSUER = bytes([_ANSWER[0], 0x11]) + ANA.public + _ANSWER[2:]
_CHEAPER = message(CLAIMED.id, Claim(message_digest(ASKED), usd("9.00")), BO)


def malformed_dossiers() -> Iterator[tuple[str, bytes]]:
    whole = _HEAD + _REQUEST + _CLAIM + _ANSWER
    yield "without a message", _HEAD
    yield "without a whole session", _HEAD[:9]
    yield "with a single message", _HEAD + _REQUEST
    yield "a byte after the end", whole + b"\0"
    yield "a byte of the last signature is missing", whole[:-1]
    yield "a claim before the request", _HEAD + _CLAIM + _REQUEST
    second = _request(message(SECOND_CLAIM_ID, ASKED.statement))
    yield "two requests", _HEAD + _REQUEST + bytes([second[0], 0x30]) + second[34:]
    yield "an answer without a claim", _HEAD + _REQUEST + _in_full(_ANSWER)
    yield "a rejection without a claim", _HEAD + _REQUEST + _REJECTION
    yield "a claim twice", _HEAD + _REQUEST + _CLAIM + bytes([_CLAIM[0], 0x31]) + _CLAIM[34:]
    yield "a dossier within", _HEAD + _REQUEST + b"\6" + _CLAIM[1:]
    yield "a message of kind 0", _HEAD + _REQUEST + b"\x10" + _CLAIM[1:]
    yield "an issuer that was not told", _HEAD + _REQUEST + _CLAIM + bytes([_ANSWER[0], 0x32]) + _ANSWER[2:]
    yield "a known issuer in the first message", _HEAD + bytes([_REQUEST[0], 0x30]) + _REQUEST[34:]
    yield "an issuer twice", _HEAD + _REQUEST + _CLAIM + _WITH_ISSUER
    yield "an amount that was told", _HEAD + _REQUEST + _CLAIM + _in_full(_ANSWER)
    yield "a request with the amount of nothing", _HEAD + b"\x11" + _REQUEST[1:] + _CLAIM
    yield "a cancellation with an amount", _HEAD + _REQUEST + b"\x15" + _CANCELLATION[1:]
    yield "a flag that there is not", _HEAD + _REQUEST + _CLAIM + b"\x23" + _ANSWER[1:]
    yield "an issuer's form 0", _HEAD + _REQUEST + _CLAIM + bytes([_ANSWER[0], 0x01]) + _ANSWER[2:]
    address = text("pay.example.org")
    yield "the address of a status list twice", b"".join(_LISTED[:2]) + _LISTED[2].replace(_TOLD, address + _TOLD[1:])
    yield "no address of a status list before", b"".join((_LISTED[0], _LISTED[1].replace(address, b"\0"), _LISTED[2]))


def _in_full(answer: bytes) -> bytes:
    """With the amount, as it would stand where it is another than the claimed one."""
    return bytes([answer[0] & 15]) + answer[1:-64] + b"\1" + b"\xfa\xd0\7" + answer[-64:]


def forged_dossiers() -> Iterator[tuple[str, bytes]]:
    """Each message reads well; what was signed is another link, text or order."""
    yield "one bit of the claim's signature", _HEAD + _REQUEST + _CLAIM[:-1] + bytes([_CLAIM[-1] ^ 1]) + _ANSWER
    other = message(ASKED.id, a_request(description="Invoice 2292: two chairs, delivered"))
    yield "a claim of another request", _HEAD + _request(other) + _CLAIM + _ANSWER
    of_another = pieces([REFERENCE[0], (_CHEAPER, BO, None), (acknowledge(_CHEAPER, "9.00"), ANA, None)])
    yield "an answer to a claim of another amount", _HEAD + _REQUEST + _CLAIM + of_another[3]
    late = message(SECOND_CLAIM_ID, CLAIMED.statement, BO)
    rejected = message(SECOND_ANSWER_ID, Rejection(CLAIMED.id, message_digest(CLAIMED), "nothing came"))
    told = pieces([*REFERENCE[:2], (rejected, ANA, None), (late, BO, None)])
    yield "an answer that stands after another claim", b"".join((*told[:3], told[4], told[3]))
    yield "another session", _HEAD[:-1] + bytes([_HEAD[-1] ^ 1]) + _REQUEST + _CLAIM + _ANSWER
    yield "another place in a status list", b"".join((*_LISTED[:3], _LISTED[3].replace(_TOLD, b"\0\2" + _TOLD[2:])))
    by_bo = bytes([_ANSWER[0], 0x31]) + _ANSWER[2:]
    yield "another issuer of the answer", _HEAD + _REQUEST + _CLAIM + by_bo


def _request(asked: Message) -> bytes:
    return pieces([(asked, ANA, None), withdrawn(asked)])[1]
