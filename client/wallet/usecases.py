"""What a party does with a wallet. The rules are those of the services; here is where their answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from client.sdk.failures import Refused
from client.wallet.conversation import Conversation, conversation
from client.wallet.store import Kept, WalletFile
from services.messages.ids import new_id_of
from services.messages.message import Claim, Message, Party, PaymentMethod, Request, Statement, whole_second
from services.messages.money import Money
from services.sessions import domain, signed
from services.sessions.domain import Recorded, Session
from services.sessions.placing import parts
from services.sessions.refusals import (
    ClaimNotFound,
    IdempotencyConflict,
    MessageIdTaken,
    MessageOutOfOrder,
    SessionNotFound,
    SignerNotTheParty,
)

if TYPE_CHECKING:
    from client.wallet.checking import Checked
    from services.credentials.keys import IssuerKey
    from services.credentials.methods import Methods


@dataclass(frozen=True, slots=True)
class Retry:
    """The caller's id for a command, and a digest of what it said."""

    request_id: str
    fingerprint: bytes


class Wallet:
    def __init__(
        self,
        file: WalletFile,
        passphrase: Callable[[], str],
        *,
        now: Callable[[], datetime],
        new_session_id: Callable[[], UUID],
    ) -> None:
        self._file = file
        self._passphrase = passphrase
        self._key: IssuerKey | None = None
        self._now = now
        self._new_session_id = new_session_id
        self.did = file.did

    def conversation(self, session_id: UUID) -> Conversation:
        """Raises SessionNotFound where nothing is known under that id."""
        kept = self._file.messages(session_id)
        if not kept:
            raise SessionNotFound(session_id)
        return conversation((each.recorded for each in kept), self.did)

    def conversations(self) -> list[Conversation]:
        by_session: dict[UUID, list[Recorded]] = {}
        for each in self._file.messages():
            by_session.setdefault(each.recorded.message.session_id, []).append(each.recorded)
        return [conversation(each, self.did) for each in by_session.values()]

    def credentials(self, session_id: UUID) -> list[Kept]:
        return self._file.messages(session_id)

    # What checks and what signs is imported where it is done, since looking at a session needs neither.
    def check(self, credential: str, methods: Methods | None = None) -> Checked:
        """Without `methods`, the keys are those of the DIDs that are their keys."""
        from client.wallet.checking import check

        return check(credential, self._file.find, self.did, methods, self._now())

    def check_conversation(self, credentials: Iterable[str]) -> list[Checked]:
        """Each in the light of those before it that are verified."""
        from client.wallet.checking import check

        known: dict[bytes, Message] = {}
        found = []
        for credential in credentials:
            found.append(
                check(
                    credential, lambda digest: known.get(digest) or self._file.find(digest), self.did, None, self._now()
                )
            )
            if each := found[-1].recorded:
                known[each.digest] = each.message
        return found

    def keep(self, checked: Iterable[Checked]) -> list[bool]:
        """Keeps what is verified; says of each whether it was new."""
        with self._file.writing():
            return [each.recorded is not None and self._file.add(each.recorded, each.credential) for each in checked]

    def request(
        self,
        amount: Money,
        description: str,
        methods: Sequence[PaymentMethod],
        expiration: datetime | timedelta | None,
        retry: Retry | None,
    ) -> tuple[Kept, Session]:
        def make(now: datetime) -> Message:
            expires_at = expiration if isinstance(expiration, datetime) else now + (expiration or domain.LIFETIME)
            request = Request(Party(self.did), amount, description, tuple(methods), whole_second(expires_at))
            message = Message(self._new_message_id(), self._new_session_id(), self.did, now, request)
            signed.may_open(message, request, now)
            return message

        return self._make(make, retry)

    def claim(self, session_id: UUID, claim: Callable[[bytes], Claim], retry: Retry | None) -> tuple[Kept, Session]:
        """`claim` is given the digest of the request that it is to link to."""

        def session() -> Session:
            found = self.sessions(session_id)
            if len(found) > 1:
                raise Refused(
                    f"several requests use the id of session {session_id}, so somebody is not honest; "
                    "ask the payee for a new request",
                    MessageIdTaken.reason,
                )
            return found[0]

        return self._answer(session, lambda found: claim(found.opening.digest), retry)

    def acknowledge(self, claim: Recorded, received: Money | None, retry: Retry | None) -> tuple[Kept, Session]:
        session_id, claim_id = claim.message.session_id, claim.message.id

        def session() -> Session:
            for each in self.sessions(session_id):
                if claim.digest in (state.claim.digest for state in each.claims):
                    return each
            raise ClaimNotFound(session_id, claim_id)

        return self._answer(session, lambda found: domain.acknowledge(found, claim_id, claim.digest, received), retry)

    def reject(self, session_id: UUID, claim_id: UUID, reason: str, retry: Retry | None) -> tuple[Kept, Session]:
        return self._answer(
            lambda: self.sessions(session_id)[0], lambda found: domain.reject(found, claim_id, reason), retry
        )

    def cancel(self, session_id: UUID, reason: str, retry: Retry | None) -> tuple[Kept, Session]:
        return self._answer(lambda: self.sessions(session_id)[0], lambda found: domain.cancel(found, reason), retry)

    def sessions(self, session_id: UUID) -> tuple[Session, ...]:
        """Never none. Raises SessionNotFound."""
        found = self.conversation(session_id).sessions
        if not found:
            raise SessionNotFound(session_id)
        return found

    def _new_message_id(self) -> UUID:
        return new_id_of(self.did, self._now())

    def _answer(
        self, session: Callable[[], Session], decide: Callable[[Session], Statement], retry: Retry | None
    ) -> tuple[Kept, Session]:
        def make(now: datetime) -> Message:
            found = session()
            at = max(now, *_followed(self._file.messages(found.id), now))
            message = Message(self._new_message_id(), found.id, self.did, at, decide(found))
            try:
                signed.may_join(message, found, now)
            except SignerNotTheParty:
                raise Refused(
                    f"only the payee answers in session {found.id}, and that is {found.request.payee.identity}, "
                    f"not this wallet ({self.did})",
                    SignerNotTheParty.reason,
                ) from None
            return message

        return self._make(make, retry)

    def _make(self, make: Callable[[datetime], Message], retry: Retry | None) -> tuple[Kept, Session]:
        """Decides, signs and keeps in one transaction: what is printed afterwards is never said twice in two ways."""
        from client.wallet.keys import open_key
        from services.credentials.issuing import issue

        key = self._key = self._key or open_key(self._file, self._passphrase())
        with self._file.writing():
            kept = self._replayed(retry)
            if kept is None:
                message = make(whole_second(self._now()))
                credential = issue(message, key)
                kept = Kept(Recorded(message, credential.digest), credential.json)
                self._file.add(kept.recorded, kept.credential)
                if retry:
                    self._file.remember(retry.request_id, retry.fingerprint, credential.digest)
            session = self._session_of(kept.recorded)
        return kept, session

    def _replayed(self, retry: Retry | None) -> Kept | None:
        done = self._file.done(retry.request_id) if retry else None
        if retry is None or done is None:
            return None
        if done[0] != retry.fingerprint:
            raise IdempotencyConflict(UUID(retry.request_id))
        return done[1]

    def _session_of(self, recorded: Recorded) -> Session:
        """The session that a message of the wallet's own is a part of. Raises MessageOutOfOrder where it is of none."""
        for each in self.sessions(recorded.message.session_id):
            if recorded.message in parts(each):
                return each
        raise MessageOutOfOrder


def _followed(messages: Iterable[Kept], now: datetime) -> Iterator[datetime]:
    """When what came before was made, as far as the clocks of others can be right."""
    return (
        each.recorded.message.issued_at
        for each in messages
        if each.recorded.message.issued_at <= now + signed.AHEAD_MAX
    )
