"""What Python makes of a text, in one word, as the JavaScript reader says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.codec import pasted
from services.codec.domain import TextDamaged, TextTooLong
from services.credentials import reading, verification
from services.credentials.conversation import Conversation, link_of
from services.credentials.domain import CHECKS_OF_VERIFIED, Outcome
from services.messages.canonical import canonical
from services.messages.document import message_digest
from services.messages.message import Message
from services.messages.refusals import FormatNotSupported, MalformedMessage
from services.runtime.refusals import Refusal

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
_WORDS: dict[type[Refusal], str] = {
    TextDamaged: "damaged",
    TextTooLong: "too_long",
    MalformedMessage: "malformed",
    FormatNotSupported: "unsupported",
}


_FROM_WORST = ("forged", "unverified", "verified")


@dataclass(frozen=True)
class Found:
    """What a text holds; nothing but the verdict and its reason when it is not read."""

    verdict: str
    detail: str = ""
    credential: str = ""
    digest: str = ""
    # The outcome of each check by its name.
    checks: dict[str, str] | None = None
    message: Message | None = None
    # Of a dossier, what each of its messages is found to be; the rest is that of the last.
    dossier: tuple[Found, ...] = ()


def read(text: str) -> Found:
    try:
        found = pasted.read(text)
    except Refusal as refusal:
        return Found(_WORDS[type(refusal)], refusal.message)
    if not found.dossier:
        return _judge(reading.read(found.credential), ())
    told: list[Message] = []
    dossier = []
    for taken_apart in map(reading.read, found.dossier):
        assert taken_apart.message
        dossier.append(_judge(taken_apart, _before(taken_apart.message, told)))
        told.append(taken_apart.message)
    worst = min((each.verdict for each in dossier), key=_FROM_WORST.index)
    return replace(dossier[-1], verdict=worst, dossier=tuple(dossier))


def _before(message: Message, told: list[Message]) -> Conversation:
    """What a message answers, and what that answers, as it would be found by their digests."""
    link = link_of(message)
    if link is None:
        return ()
    answered = next(each for each in told if message_digest(each) == link.digest)
    return (answered, *_before(answered, told))


def _judge(taken_apart: reading.Reading, conversation: Conversation) -> Found:
    verdict = verification.judge(taken_apart, verification.Circumstances(now=NOW, conversation=conversation))
    checks = {check.name: check.outcome.value for check in verdict.checks}
    credential = canonical({**taken_apart.document, "proof": taken_apart.proofs[0]}).decode()
    digest = taken_apart.message_digest.hex()
    return Found(_word(checks), "", credential, digest, checks, taken_apart.message)


def _word(checks: dict[str, str]) -> str:
    outcomes = {checks[name] for name in CHECKS_OF_VERIFIED}
    if Outcome.FAIL.value in outcomes:
        return "forged"
    return "unverified" if Outcome.UNKNOWN.value in outcomes else "verified"
