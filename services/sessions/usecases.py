"""What can be done with a session. Each change is one transaction that decides, records and remembers its call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from prometheus_client import Counter, Histogram

from services.messages.message import Claim, Kind, Message, Party, PaymentMethod, Request, Statement, whole_second
from services.messages.money import Money
from services.messages.refusals import InvalidField
from services.runtime.log import log
from services.sessions import domain, signed, tokens
from services.sessions.domain import Recorded, Session, Status, fold
from services.sessions.refusals import IdempotencyConflict, MessageIdTaken, SessionNotFound, SignedCredentialNotFound
from services.sessions.watchers import Watchers

T = TypeVar("T")

# A watcher who missed more is given the session as it is: every change takes it through the whole conversation.
REPLAYED_MAX = 100


_MESSAGES = Counter("counterfoil_messages_recorded", "Messages recorded in sessions.", ["kind"])
_NAMES = {kind: kind.name.lower() for kind in Kind}
_RECORDED = {kind: _MESSAGES.labels(name) for kind, name in _NAMES.items()}
_ANSWERED_AFTER = Histogram(
    "counterfoil_claim_answered_seconds",
    "Seconds from a claim to its acknowledgement or rejection, as the messages are dated.",
    buckets=[10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400],
)


@dataclass(frozen=True, slots=True)
class Retry:
    """The caller's id for a call, and a digest of the call's fields."""

    request_id: UUID
    fingerprint: bytes


class Transaction(Protocol):
    """Reads and writes that take effect together."""

    def conversation(self, session_id: UUID) -> list[Recorded]: ...
    def token_hash(self, session_id: UUID) -> bytes: ...
    def add_session(self, session_id: UUID, token_hash: bytes, now: datetime) -> None: ...
    def append(self, sequence: int, recorded: Recorded, now: datetime, credential: str | None) -> None: ...
    def find(self, message_id: UUID) -> Recorded | None: ...
    def remembered(self, request_id: UUID) -> tuple[bytes, Message] | None: ...
    def remember(self, retry: Retry, message_id: UUID, now: datetime) -> None: ...


class Store(Protocol):
    async def write(self, effect: Callable[[Transaction], T]) -> T: ...
    async def conversation(self, session_id: UUID) -> list[Recorded]: ...
    async def page(self, before: UUID | None, size: int) -> list[list[Recorded]]: ...
    async def signed_credential(self, message_id: UUID) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """What the payee asks for, before it has an id and a time."""

    payee: Party
    amount: Money
    description: str
    methods: tuple[PaymentMethod, ...]
    # A moment, a duration from now, or None for the usual lifetime.
    expiration: datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Change:
    sequence: int
    session: Session
    message: Message | None


class Sessions:
    def __init__(
        self,
        store: Store,
        payee_tokens: tokens.PayeeTokens,
        *,
        watchers: Watchers,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
    ) -> None:
        self._store = store
        self._tokens = payee_tokens
        self._watchers = watchers
        self._now = now
        self._new_id = new_id

    def status(self, session: Session) -> Status:
        return session.status(self._now())

    async def open(self, opening: Opening, issuer: str, retry: Retry | None) -> tuple[Session, str]:
        """Returns the session and its payee token, which a retry under another token key no longer knows: ""."""

        def effect(transaction: Transaction) -> tuple[Session, str, bool]:
            if known := _replayed(transaction, retry):
                token = self._tokens.of(known.session_id)
                still_fits = tokens.hash_of(token) == transaction.token_hash(known.session_id)
                session = _session(transaction.conversation(known.session_id), known.session_id)
                return session, token if still_fits else "", False
            at = self._now()
            now = whole_second(at)
            request = _request(opening, now)
            domain.may_speak_for(request.payee, "payee")
            domain.may_be_called(request.payee, "payee")
            domain.may_open(request, now)
            session_id = self._new_id()
            token = self._tokens.of(session_id)
            recorded = Recorded.of(Message(self._new_id(), session_id, issuer, now, request))
            transaction.add_session(session_id, tokens.hash_of(token), now)
            return _append(transaction, [], recorded, retry, at), token, True

        session, token, fresh = await self._store.write(effect)
        if fresh:
            _audit(session.opening.message, session)
        return session, token

    async def claim(
        self,
        session_id: UUID,
        claim: Callable[[bytes], Claim],
        issuer: str,
        retry: Retry | None,
        *,
        issuers: Collection[str] = (),
    ) -> tuple[Message, Session]:
        """`claim` is given the digest of the request that it is to link to."""

        def decide(session: Session, now: datetime) -> Statement:
            made = claim(session.opening.digest)
            domain.may_speak_for(made.payer, "payer")
            domain.may_be_called(made.payer, "payer")
            domain.may_claim(session, made, now)
            return made

        return await self._record(session_id, decide, retry, issuers, issuer=issuer)

    async def acknowledge(
        self,
        session_id: UUID,
        token: str,
        claim_id: UUID,
        seen: bytes | None,
        received: Money | None,
        retry: Retry | None,
        *,
        issuers: Collection[str] = (),
    ) -> tuple[Message, Session]:
        def decide(session: Session, _now: datetime) -> Statement:
            return domain.acknowledge(session, claim_id, seen, received)

        return await self._record(session_id, decide, retry, issuers, token=token)

    async def reject(
        self,
        session_id: UUID,
        token: str,
        claim_id: UUID,
        reason: str,
        retry: Retry | None,
        *,
        issuers: Collection[str] = (),
    ) -> tuple[Message, Session]:
        def decide(session: Session, _now: datetime) -> Statement:
            return domain.reject(session, claim_id, reason)

        return await self._record(session_id, decide, retry, issuers, token=token)

    async def cancel(
        self, session_id: UUID, token: str, reason: str, retry: Retry | None, *, issuers: Collection[str] = ()
    ) -> tuple[Message, Session]:
        def decide(session: Session, _now: datetime) -> Statement:
            return domain.cancel(session, reason)

        return await self._record(session_id, decide, retry, issuers, token=token)

    async def record_signed(self, message: Message, credential: str, retry: Retry | None) -> Session:
        """Records what a party signed itself, with the credential that nobody else can make again."""
        recorded = Recorded.of(message)

        def effect(transaction: Transaction) -> tuple[Session, bool]:
            _replayed(transaction, retry)
            conversation = transaction.conversation(message.session_id)
            if known := transaction.find(message.id):
                if known.digest != recorded.digest:
                    raise MessageIdTaken(message.id)
                # Read again: another process may have opened the session since, which nobody could lock before.
                return _session(transaction.conversation(message.session_id), message.session_id), False
            at = self._now()
            now = whole_second(at)
            if isinstance(message.statement, Request):
                if conversation:
                    raise MessageIdTaken(message.session_id)
                signed.may_open(message, message.statement, now)
                # No token: there the payee's key is the authority.
                transaction.add_session(message.session_id, b"", now)
            else:
                before = _session(conversation, message.session_id)
                signed.may_join(message, before, now)
                signed.check_nothing_undone(before, _session([*conversation, recorded], message.session_id))
            return _append(transaction, conversation, recorded, retry, at, credential), True

        session, fresh = await self._store.write(effect)
        if fresh:
            self._watchers.notify(message.session_id, session.sequence)
            _audit(message, session)
        return session

    async def signed_credential(self, message_id: UUID) -> str:
        credential = await self._store.signed_credential(message_id)
        if credential is None:
            raise SignedCredentialNotFound(message_id)
        return credential

    async def get(self, session_id: UUID) -> Session:
        return _session(await self._store.conversation(session_id), session_id)

    async def page(self, before: UUID | None, size: int) -> list[Session]:
        """Sessions opened before that one, newest first."""
        conversations = await self._store.page(before, size)
        return [session for each in conversations if (session := fold(each))]

    async def watch(self, session_id: UUID, after: int | None) -> AsyncIterator[Change]:
        """The session as it is, or every change after a sequence number; then each change as it comes, for ever."""
        with self._watchers.watching(session_id) as watch:
            conversation = await self._store.conversation(session_id)
            session = _session(conversation, session_id)
            if after is None:
                after = session.sequence
                told = self.status(session)
                yield Change(after, session, None)
            elif after >= 0 and session.sequence - after > REPLAYED_MAX:
                after, told = session.sequence, self.status(session)
                yield Change(after, session, None)
            elif 0 <= after <= session.sequence:
                told = Status.PENDING
            else:
                raise InvalidField(
                    f"after_sequence: the session has {session.sequence} events; give the last number you have seen",
                    field="after_sequence",
                )
            while True:
                if len(conversation) > after:
                    watch.delivers()
                for sequence in range(after + 1, len(conversation) + 1):
                    session = _session(conversation[:sequence], session_id)
                    told = self.status(session)
                    yield Change(sequence, session, conversation[sequence - 1].message)
                after = watch.sequence = len(conversation)
                if told is not Status.EXPIRED and self.status(session) is Status.EXPIRED:
                    told = Status.EXPIRED
                    yield Change(after, session, None)
                expires_at = session.request.expires_at
                del conversation, session  # Nothing is held while it waits: ten thousand may watch.
                await watch.wait(expires_at - self._now())
                conversation = await self._store.conversation(session_id)
                session = _session(conversation, session_id)

    async def _record(
        self,
        session_id: UUID,
        decide: Callable[[Session, datetime], Statement],
        retry: Retry | None,
        issuers: Collection[str],
        *,
        issuer: str | None = None,
        token: str | None = None,
    ) -> tuple[Message, Session]:
        """Appends one message. With a token it is the payee's, and the request's issuer speaks for them.

        `issuers` are those whose keys still sign, so that nothing is recorded which nobody can sign.
        """

        def effect(transaction: Transaction) -> tuple[Message, Session, bool]:
            conversation = transaction.conversation(session_id)
            session = _session(conversation, session_id)
            if token is not None:
                domain.may_speak_for(session.request.payee, "payee")
                tokens.check(token, transaction.token_hash(session_id))
            if known := _replayed(transaction, retry):
                return known, session, False
            # Never before a message it follows, even when the clock was set back or that of a party is ahead.
            at = self._now()
            now = max(whole_second(at), *(each.message.issued_at for each in conversation))
            domain.may_go_on(session, issuers)
            statement = decide(session, now)
            by = issuer or session.opening.message.issuer
            recorded = Recorded.of(Message(self._new_id(), session_id, by, now, statement))
            return recorded.message, _append(transaction, conversation, recorded, retry, at), True

        message, session, fresh = await self._store.write(effect)
        if fresh:
            self._watchers.notify(session_id, session.sequence)
            _audit(message, session)
        return message, session


def _request(opening: Opening, now: datetime) -> Request:
    expiration = opening.expiration
    if expiration is None:
        expiration = domain.LIFETIME
    expires_at = now + expiration if isinstance(expiration, timedelta) else whole_second(expiration)
    return Request(opening.payee, opening.amount, opening.description, opening.methods, expires_at)


def _session(conversation: Sequence[Recorded], session_id: UUID) -> Session:
    session = fold(conversation)
    if session is None:
        raise SessionNotFound(session_id)
    return session


def _replayed(transaction: Transaction, retry: Retry | None) -> Message | None:
    """The message that the same call recorded before. Raises IdempotencyConflict for another call."""
    remembered = transaction.remembered(retry.request_id) if retry else None
    if retry is None or remembered is None:
        return None
    fingerprint, message = remembered
    if fingerprint != retry.fingerprint:
        raise IdempotencyConflict(retry.request_id)
    return message


def _append(
    transaction: Transaction,
    conversation: list[Recorded],
    recorded: Recorded,
    retry: Retry | None,
    at: datetime,
    credential: str | None = None,
) -> Session:
    sequence = len(conversation) + 1
    session = _session([*conversation, recorded], recorded.message.session_id)
    assert session.sequence == sequence, "a recorded message must count in the fold"
    transaction.append(sequence, recorded, at, credential)
    if retry:
        transaction.remember(retry, recorded.message.id, at)
    return session


def _seconds(waited: timedelta) -> float:
    """Within what a session can last: parties date what they sign, and none is to bend the sum."""
    return min(max(waited, timedelta()), domain.LIFETIME_MAX).total_seconds()


def _audit(message: Message, session: Session) -> None:
    _RECORDED[message.kind].inc()
    answered = next((each for each in session.claims if each.answer is message), None)
    if answered:
        _ANSWERED_AFTER.observe(_seconds(message.issued_at - answered.claim.message.issued_at))
    log.info(f"{_NAMES[message.kind]} recorded", session_id=message.session_text, message_id=message.id_text)
