"""Whether a message is what its issuer signed: the credentials service's own rules, with what the wallet knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from services.credentials.conversation import before
from services.credentials.domain import CHECKS_OF_VERIFIED, Check, Outcome, Verdict
from services.credentials.intrinsic import Intrinsic
from services.credentials.methods import Methods
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages.canonical import canonical, read_json
from services.messages.message import Message
from services.sessions.domain import Recorded


@dataclass(frozen=True, slots=True)
class Checked:
    """A credential with its verdict; None where it states nothing that could be kept."""

    verdict: Verdict
    recorded: Recorded | None
    # In canonical form.
    credential: str

    @property
    def failed(self) -> Check:
        """The check that keeps it from being verified."""
        return next(each for each in self.verdict.checks if each.outcome is not Outcome.PASS)


@cache  # A command reads the same ones several times.
def is_as_kept(credential: str, digest: bytes) -> bool:
    """Whether a message that was verified when it came is the same still, as far as the credential alone can tell.

    The keys of a did:web are not asked for again; of its messages only the digest is held against what they say.
    """
    reading = read(credential)
    if reading.message is None or reading.message_digest != digest:
        return False
    verdict = judge(reading, Circumstances(reading.message.issued_at, methods=Intrinsic()))
    return not any(each.name in CHECKS_OF_VERIFIED and each.outcome is Outcome.FAIL for each in verdict.checks)


Find = Callable[[bytes], Message | None]


def check(credential: str, find: Find, did: str, methods: Methods | None, now: datetime) -> Checked:
    reading = read(credential)
    conversation = before(reading.message, find)
    circumstances = Circumstances(now, own=(did,), conversation=conversation, methods=methods or Intrinsic())
    verdict = judge(reading, circumstances)
    if reading.message is None or not verdict.verified:
        return Checked(verdict, None, "")
    recorded = Recorded(reading.message, reading.message_digest)
    return Checked(verdict, recorded, canonical(read_json(credential)).decode())
