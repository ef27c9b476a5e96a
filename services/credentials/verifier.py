"""Verifying what anybody signed: looks up what the verdict depends on, and leaves the verdict to verification."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.credentials.conversation import Conversation
from services.credentials.conversations import Conversations
from services.credentials.dids import Dids
from services.credentials.domain import Check, Finding, Outcome, Verdict, Verification
from services.credentials.key_ring import KeyRing
from services.credentials.keys import Keys
from services.credentials.others_status_lists import OthersStatusLists
from services.credentials.own_status_lists import OwnStatusLists
from services.credentials.presentations import Occasion, PresentationVerdict, judge_presentation, read_presentation
from services.credentials.reading import Reading, read
from services.credentials.verification import Circumstances, judge
from services.messages.message import Message

_NOTHING: Mapping[bytes, Message] = {}

# What keeps an attacker from choosing the address that a status list is fetched from (pitfall: asked before trusted).
_BEFORE_A_LIST_IS_FETCHED = ("signature", "key_control", "key_status", "trust")


class Verifier:
    def __init__(
        self,
        keys: KeyRing,
        conversations: Conversations,
        dids: Dids,
        own: OwnStatusLists,
        others: OthersStatusLists,
        *,
        trusted: Collection[str],
        accept_unknown: Collection[str],
        now: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._conversations = conversations
        self._dids = dids
        self._own = own
        self._others = others
        self._trusted = frozenset(trusted)
        self._accept_unknown = frozenset(accept_unknown)
        self._now = now

    async def verify(
        self, text: str, *, any_statement: bool = False, at_hand: Mapping[bytes, Message] = _NOTHING
    ) -> Verification:
        """Checks a credential against what is known here, at hand, and what may be fetched. Nothing is kept."""
        reading = read(text)
        conversation = await self._conversations.before(reading.message, at_hand) if reading.message else ()
        circumstances, keys = await self._circumstances([reading], conversation)
        verdict = judge(reading, circumstances, any_statement)
        verdict = await self._with_others_list(reading, verdict, circumstances, keys)
        return Verification(verdict, reading.message, reading.message_digest if reading.message else None)

    async def verify_conversation(self, texts: Iterable[str]) -> list[Verification]:
        """Checks each credential in the light of those before it that are verified."""
        at_hand: dict[bytes, Message] = {}
        found = []
        for text in texts:
            found.append(await self.verify(text, at_hand=at_hand))
            if found[-1].verdict.verified and found[-1].message and found[-1].digest:
                at_hand[found[-1].digest] = found[-1].message
        return found

    async def verify_presentation(self, text: str, occasion: Occasion) -> PresentationVerdict:
        """Checks a presentation and, each as if it came alone, the credentials in it."""
        presentation = read_presentation(text)
        circumstances, keys = await self._circumstances([presentation.holding, *presentation.credentials])
        verdict = judge_presentation(presentation, occasion, circumstances)
        held = [
            await self._with_others_list(reading, each, circumstances, keys)
            for reading, each in zip(presentation.credentials, verdict.credentials, strict=True)
        ]
        return replace(verdict, credentials=tuple(held))

    async def _circumstances(
        self, readings: list[Reading], conversation: Conversation = ()
    ) -> tuple[Circumstances, Keys]:
        keys = await self._keys.fresh()
        methods = await self._dids.gather(
            (name for each in readings for name in each.verification_methods), keys.methods
        )
        circumstances = Circumstances(
            self._now(),
            keys.own,
            self._trusted,
            conversation,
            keys.revoked,
            methods,
            await self._own_revocations(readings, keys),
            self._accept_unknown,
        )
        return circumstances, keys

    async def _own_revocations(self, readings: Iterable[Reading], keys: Keys) -> dict[bytes, Finding]:
        found = {}
        for reading in readings:
            if "credentialStatus" in reading.document and reading.issuer in keys.own:
                finding = await self._own.check(reading)
                if finding:
                    found[reading.digest] = finding
        return found

    async def _with_others_list(
        self, reading: Reading, verdict: Verdict, circumstances: Circumstances, keys: Keys
    ) -> Verdict:
        """The verdict, with somebody else's status list looked into where their signature and trust allow that."""
        if "credentialStatus" not in reading.document or reading.digest in circumstances.revocations:
            return verdict
        if any(verdict.outcome_of(name) is not Outcome.PASS for name in _BEFORE_A_LIST_IS_FETCHED):
            return verdict
        return verdict.with_check(Check("revocation", *await self._others.check(reading, circumstances, keys)))
