"""Contents that read well, and whose signature does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from services.codec import compact
from services.messages.message import Message
from tests.vectors.compact.places import PLACE
from tests.vectors.compact.samples import ANA, ASKED, BO, CHAN, a_request, usd
from tests.vectors.compact.signing import Signer, issue

# RFC 8032, section 5.1: the order of the group. S and S + L are one number to a reader that does not look.
_ED25519_L = 2**252 + 27742317777372353535851937790883648493
# The neutral point. As key and as R, with S = 0, it fits every text for a reader that does not look.
_NEUTRAL = b"\1" + bytes(31)
# The same point, its y written as y + p.
_NEUTRAL_UNREDUCED = (2**255 - 19 + 1).to_bytes(32, "little")
_OTHER_SESSION = UUID("019c1396-dc00-7a53-9d0c-2f6b1e4a7c56")


def forged() -> Iterator[tuple[str, bytes]]:
    yield from _texts()
    yield from _ed25519()
    yield from _p256()


def _texts() -> Iterator[tuple[str, bytes]]:
    """What was signed is another text, or by another key than the issuer's."""
    signature = _pack(ASKED, ANA)[-64:]
    cent_more = replace(ASKED, statement=a_request(amount=usd("1250.51")))
    yield "another amount", _pack(cent_more, ANA)[:-64] + signature
    yield "another session", _pack(replace(ASKED, session_id=_OTHER_SESSION), ANA)[:-64] + signature
    yield "another issuer", _pack(replace(ASKED, issuer=BO.did), BO)[:-64] + signature
    placed = compact.pack(issue(ASKED, ANA, PLACE))
    elsewhere = compact.pack(issue(ASKED, ANA, replace(PLACE, index=7)))
    yield "another place in a status list", elsewhere[:-64] + placed[-64:]
    yield "no place in a status list any more", _pack(ASKED, ANA)[:-64] + placed[-64:]
    yield "a place in a status list that was added", placed[:-64] + signature
    by_another = Signer(ANA.did, BO.fragment, BO.private)
    yield "signed with a key that the issuer's DID is not", _pack(ASKED, by_another)


def _ed25519() -> Iterator[tuple[str, bytes]]:
    content = _pack(ASKED, ANA)
    beyond = int.from_bytes(content[-32:], "little") + _ED25519_L
    yield "Ed25519: one bit changed", content[:-1] + bytes([content[-1] ^ 1])
    yield "Ed25519: all zeros", content[:-64] + bytes(64)
    yield "Ed25519: S beyond the order", content[:-32] + beyond.to_bytes(32, "little")
    for name, point in {"": _NEUTRAL, ", not reduced": _NEUTRAL_UNREDUCED}.items():
        yield f"Ed25519: a key of small order{name}", content[:2] + point + content[34:-64] + _NEUTRAL + bytes(32)
    yield "Ed25519: a key that is no point", content[:2] + b"\2" + bytes(31) + content[34:]


def _p256() -> Iterator[tuple[str, bytes]]:
    asked = replace(ASKED, issuer=CHAN.did, statement=a_request(CHAN.did))
    content = _pack(asked, CHAN)
    head, key, rest = content[:2], content[2:35], content[35:]
    yield "P-256: one bit changed", content[:-1] + bytes([content[-1] ^ 1])
    yield "P-256: all zeros", content[:-64] + bytes(64)
    yield "P-256: all ones", content[:-64] + b"\xff" * 64
    yield "P-256: R and S in each other's place", content[:-64] + content[-32:] + content[-64:-32]
    yield "P-256: the other point with that x", head + bytes([key[0] ^ 1]) + key[1:] + rest
    yield "P-256: a key whose first byte is 4", head + b"\4" + key[1:] + rest
    yield "P-256: a key that is no point", head + b"\2" + (1).to_bytes(32, "big") + rest
    yield "P-256: a key beyond the field", head + b"\2" + b"\xff" * 32 + rest


def _pack(message: Message, signer: Signer) -> bytes:
    return compact.pack(issue(message, signer))
