"""What the messages known here answer, looked up for the checks that ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.credentials.conversation import Conversation, link_of
from services.messages.message import Message
from services.messages.recent import Recent

# Of a few kilobytes each.
MESSAGES_MAX = 4096


class MessageStore(Protocol):
    async def find(self, digest: bytes) -> Message | None: ...


class Conversations:
    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._recent: Recent[bytes, Message] = Recent(MESSAGES_MAX)

    def keep(self, digest: bytes, message: Message) -> None:
        self._recent.put(digest, message)

    async def before(self, message: Message, at_hand: Mapping[bytes, Message]) -> Conversation:
        """What the message answers, and what that answers: as much as any check asks for.

        Of what is known here and of what the caller has at hand, by its digest, and knows to be verified.
        """
        answered = await self._answered(message, at_hand)
        before = await self._answered(answered, at_hand) if answered else None
        return tuple(filter(None, (answered, before)))

    async def _answered(self, message: Message, at_hand: Mapping[bytes, Message]) -> Message | None:
        link = link_of(message)
        if link is None:
            return None
        if link.digest in at_hand:
            return at_hand[link.digest]
        found = self._recent.get(link.digest) or await self._store.find(link.digest)
        if found:
            self._recent.put(link.digest, found)
        return found
