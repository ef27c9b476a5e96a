"""What the service does: signs messages and documents with its own keys, keeps the credentials, and revokes them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.credentials import data_model, jose, paging
from services.credentials.conversations import Conversations
from services.credentials.domain import Credential, Page
from services.credentials.issuing import issue
from services.credentials.key_ring import KeyRing
from services.credentials.keys import IssuerKey
from services.credentials.own_status_lists import OwnStatusLists
from services.credentials.proofs import secure
from services.credentials.reading import split
from services.credentials.refusals import (
    CredentialNotFound,
    IssuerUnknown,
    MalformedCredential,
    MessageIdConflict,
    NotRevocable,
)
from services.credentials.status_lists import HasAPlace, Place
from services.credentials.unsigned import read_unsigned
from services.messages.canonical import canonical, read_json
from services.messages.document import Document, from_document, message_digest, to_timestamp, without_security
from services.messages.message import Message
from services.runtime.log import log


class Store(Protocol):
    async def add(self, credential: Credential, key: str, place: Place | None = None) -> Credential | None:
        """Keeps a credential at its place, or returns the one that was kept before under its message id.

        None when neither, since the key that signed it was revoked. Raises HasAPlace when it was given another place.
        """
        ...

    async def get(self, message_id: UUID) -> Credential | None: ...

    async def of_session(self, session_id: UUID, after: UUID | None, count: int) -> list[Credential]: ...

    async def delete_of_sessions(self, session_ids: Collection[UUID]) -> None: ...


class Credentials:
    def __init__(
        self,
        store: Store,
        keys: KeyRing,
        conversations: Conversations,
        status_lists: OwnStatusLists,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._keys = keys
        self._conversations = conversations
        self._status_lists = status_lists
        self._now = now

    async def issue(self, message: Message) -> Credential:
        """Signs a message once. The same message again gives the same bytes, another under its id is refused."""
        signer = await self._keys.signer(message.issuer)
        if signer is None:
            return await self._kept(message)
        credential, kept = await self._sign_and_keep(message, signer)
        if kept is None:
            await self._keys.reload()
            return await self.issue(message)
        if kept.digest != credential.digest:
            raise MessageIdConflict(message.id)
        self._conversations.keep(kept.digest, message)
        if kept is credential:
            log.info(
                "credential issued",
                message_id=message.id_text,
                session_id=message.session_text,
                kind=message.kind.value,
                issuer=message.issuer,
            )
        return kept

    async def keep(self, text: str) -> Credential:
        """Keeps what a party signed itself and the caller has verified. The same again changes nothing."""
        vc = read_json(text)
        message = from_document(without_security(split(vc)[0]))
        credential = Credential(
            message.id_text,
            message.session_text,
            message.kind,
            message.issuer,
            message_digest(message),
            canonical(vc).decode(),
        )
        kept = await self._store.add(credential, message.issuer)
        if kept is None or kept.digest != credential.digest:
            raise MessageIdConflict(message.id)
        self._conversations.keep(kept.digest, message)
        return kept

    async def sign(self, text: str, *, revocable: bool, as_jwt: bool) -> str:
        """Signs any credential in the issuer's name; keeps nothing but its place in the status list."""
        document = read_unsigned(text)
        signer = (await self._keys.reload()).current
        document.setdefault("issuer", signer.did)
        if flaw := data_model.flaw_of_credential(document):
            raise MalformedCredential(flaw)
        if (issuer := data_model.identity_of(document["issuer"])) != signer.did:
            raise IssuerUnknown(issuer)
        if revocable:
            document["credentialStatus"] = await self._reserve(document, signer)
        log.info("document signed", issuer=signer.did, revocable=revocable)
        if as_jwt:
            return jose.sign(document, signer)
        return canonical(secure(document, signer, to_timestamp(self._now()))[0]).decode()

    async def revoke(self, id: str) -> None:
        """Declares a credential void, named by its message's id or its own. Doing it again changes nothing."""
        message_id = _to_uuid(id)
        if not message_id and not data_model.is_url(id):
            raise CredentialNotFound(None)
        if await self._status_lists.revoke(message_id.urn if message_id else id):
            return
        if message_id is None or await self._store.get(message_id) is None:
            raise CredentialNotFound(message_id)
        raise NotRevocable

    async def get(self, message_id: UUID) -> Credential:
        credential = await self._store.get(message_id)
        if credential is None:
            raise CredentialNotFound(message_id)
        return credential

    async def list(self, session_id: UUID, page_size: int, page_token: str) -> Page:
        """A session's credentials in the order of their message ids, a page at a time."""
        size = paging.size(page_size)
        found = await self._store.of_session(session_id, paging.read_token(session_id, page_token), size + 1)
        more = len(found) > size
        page = tuple(found[:size])
        return Page(page, paging.to_token(session_id, UUID(page[-1].message_id)) if more else "")

    async def delete_of_sessions(self, session_ids: Collection[UUID]) -> None:
        """Their places in status lists stay, for whoever keeps a credential."""
        if session_ids:
            await self._store.delete_of_sessions(session_ids)
            log.info("credentials deleted", session_ids=[str(each) for each in session_ids])

    async def _sign_and_keep(self, message: Message, signer: IssuerKey) -> tuple[Credential, Credential | None]:
        """What was signed now, and what is kept of it, in one transaction with its place in a status list."""
        place = await self._status_lists.take(message.issuer)
        credential = issue(message, signer, self._status_lists.status_at(place))
        try:
            kept = await self._store.add(credential, signer.key, place)
        except HasAPlace:
            self._status_lists.give_back(message.issuer, place)
            status = await self._status_lists.status_of(message.urn, message.issuer)
            credential = issue(message, signer, status)
            return credential, await self._store.add(credential, signer.key)
        if kept is credential:
            self._status_lists.given(place, message.urn)
        else:
            self._status_lists.give_back(message.issuer, place)
        return credential, kept

    async def _kept(self, message: Message) -> Credential:
        """What was signed before its key was revoked. Raises IssuerUnknown when nothing was."""
        kept = await self._store.get(message.id)
        if kept is None or kept.digest != message_digest(message):
            raise IssuerUnknown(message.issuer)
        return kept

    async def _reserve(self, document: Document, signer: IssuerKey) -> Document:
        if "credentialStatus" in document:
            raise MalformedCredential("it has a credentialStatus already, and is to get another")
        if "id" not in document:
            raise MalformedCredential("it is to be revocable by its id, and has none")
        status = await self._status_lists.status_of(document["id"], signer.did)
        if status is None:
            raise NotRevocable
        return status


def _to_uuid(id: str) -> UUID | None:
    """The message that an id names, as a UUID or as the `id` of its credential."""
    try:
        message_id = UUID(id.removeprefix("urn:uuid:"))
    except ValueError:
        return None
    return message_id if str(message_id) == id.removeprefix("urn:uuid:").lower() else None
