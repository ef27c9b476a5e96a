"""What the service does: signs messages with its own keys, keeps the credentials, and verifies anybody's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from services.credentials import paging
from services.credentials.conversation import Conversation, link_of
from services.credentials.dids import Dids
from services.credentials.domain import Credential, Page, Verification
from services.credentials.issuing import issue
from services.credentials.key_ring import KeyRing
from services.credentials.reading import read
from services.credentials.recent import Recent
from services.credentials.refusals import CredentialNotFound, IssuerUnknown, MessageIdConflict
from services.credentials.verification import Circumstances, judge
from services.messages.document import message_digest
from services.messages.message import Message

log = structlog.get_logger()


class Store(Protocol):
    async def add(self, credential: Credential, key: str) -> Credential | None:
        """Keeps a credential, or returns the one that was kept before under its message id.

        None when neither, since the key that signed it was revoked.
        """
        ...

    async def get(self, message_id: UUID) -> Credential | None: ...

    async def of_session(self, session_id: UUID, after: UUID | None, count: int) -> list[Credential]: ...

    async def find(self, digest: bytes) -> Message | None: ...


class Credentials:
    def __init__(
        self, store: Store, keys: KeyRing, dids: Dids, trusted: Collection[str], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._keys = keys
        self._dids = dids
        self._trusted = frozenset(trusted)
        self._now = now
        self._recent = Recent()

    async def issue(self, message: Message) -> Credential:
        """Signs a message once. The same message again gives the same bytes, another under its id is refused."""
        signer = await self._keys.signer(message.issuer)
        if signer is None:
            return await self._kept(message)
        credential = issue(message, signer)
        kept = await self._store.add(credential, signer.key)
        if kept is None:
            await self._keys.reload()
            return await self.issue(message)
        if kept.digest != credential.digest:
            raise MessageIdConflict(message.id)
        self._recent.keep(kept.digest, message)
        if kept is credential:
            log.info(
                "credential issued",
                message_id=str(message.id),
                session_id=str(message.session_id),
                kind=message.kind.value,
                issuer=message.issuer,
            )
        return kept

    async def verify(self, text: str) -> Verification:
        """Checks a credential against what is known here. Nothing is fetched and nothing is kept."""
        reading = read(text)
        keys = await self._keys.fresh()
        methods = await self._dids.gather(reading.verification_methods, keys.methods)
        conversation = await self._conversation(reading.message) if reading.message else ()
        verdict = judge(
            reading, Circumstances(self._now(), keys.own, self._trusted, conversation, keys.revoked, methods)
        )
        return Verification(verdict, reading.message, reading.digest if reading.message else None)

    async def get(self, message_id: UUID) -> Credential:
        credential = await self._store.get(message_id)
        if credential is None:
            raise CredentialNotFound(message_id)
        return credential

    async def _kept(self, message: Message) -> Credential:
        """What was signed before its key was revoked. Raises IssuerUnknown when nothing was."""
        kept = await self._store.get(message.id)
        if kept is None or kept.digest != message_digest(message):
            raise IssuerUnknown(message.issuer)
        return kept

    async def list(self, session_id: UUID, page_size: int, page_token: str) -> Page:
        """A session's credentials in the order of their message ids, a page at a time."""
        size = paging.size(page_size)
        found = await self._store.of_session(session_id, paging.read_token(session_id, page_token), size + 1)
        more = len(found) > size
        page = tuple(found[:size])
        return Page(page, paging.to_token(session_id, page[-1].message_id) if more else "")

    async def _conversation(self, message: Message) -> Conversation:
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
