"""What the messages known here answer, looked up for the checks that ask."""

from __future__ import annotations

from typing import Protocol

from services.credentials.conversation import Conversation, link_of
from services.credentials.recent import Recent
from services.messages.message import Message


class MessageStore(Protocol):
    async def find(self, digest: bytes) -> Message | None: ...


class Conversations:
    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._recent: Recent[bytes, Message] = Recent()

    def keep(self, digest: bytes, message: Message) -> None:
        self._recent.keep(digest, message)

    async def before(self, message: Message) -> Conversation:
        """What the message answers, and what that answers: as much as any check asks for."""
        answered = await self._answered(message)
        before = await self._answered(answered) if answered else None
        return tuple(filter(None, (answered, before)))

    async def _answered(self, message: Message) -> Message | None:
        link = link_of(message)
        if link is None:
            return None
        found = self._recent.find(link.digest) or await self._store.find(link.digest)
        if found:
            self._recent.keep(link.digest, found)
        return found
