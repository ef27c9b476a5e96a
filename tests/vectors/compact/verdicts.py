"""What Python makes of a text, in one word, as the JavaScript reader says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from services.codec import pasted
from services.codec.domain import TextDamaged, TextTooLong
from services.credentials import reading, verification
from services.credentials.domain import CHECKS_OF_VERIFIED, Outcome
from services.messages.canonical import canonical, read_json
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


def read(text: str) -> Found:
    try:
        found = pasted.read(text)
    except Refusal as refusal:
        return Found(_WORDS[type(refusal)], refusal.message)
    taken_apart = reading.read(found.credential)
    verdict = verification.judge(taken_apart, verification.Circumstances(now=NOW))
    checks = {check.name: check.outcome.value for check in verdict.checks}
    credential = canonical(read_json(found.credential)).decode()
    return Found(_word(checks), "", credential, taken_apart.digest.hex(), checks, found.message)


def _word(checks: dict[str, str]) -> str:
    outcomes = {checks[name] for name in CHECKS_OF_VERIFIED}
    if Outcome.FAIL.value in outcomes:
        return "forged"
    return "unverified" if Outcome.UNKNOWN.value in outcomes else "verified"
