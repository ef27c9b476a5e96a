"""What the clients were told, held against what the API says now and against both databases."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import grpc

from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.chaos.books import Books, Entry, Page, paid
from tests.chaos.clients import RETRIED
from tests.chaos.ledger import Ledger, Told
from tests.faults.parties import why

T = TypeVar("T")

TIMEOUT_SECONDS = 5.0
ATTEMPTS = 3
# So many of all calls are made again each time.
REPEATED = 40
AT_ONCE = 8


class Checks:
    """`payments` is a stub on a connection that nothing is done to."""

    def __init__(self, payments: Any, operator_token: str, ledger: Ledger, books: Books, chance: random.Random) -> None:
        self._payments = payments
        self._operator_token = operator_token
        self._ledger = ledger
        self._books = books
        self._chance = chance
        # What the API said of each session when it was last asked.
        self._found: dict[str, pb.GetSessionResponse] = {}

    async def run(self) -> Page:
        """While no client calls. What is wrong goes into the ledger; gives what stands in the databases."""
        before = await asyncio.to_thread(self._books.read)
        listed = await self._list()
        # Whoever asks for a session makes the credentials that a fault prevented, so only then all are there.
        await self._each(self._get, self._grown(before))
        await self._each(self._repeat, self._some_calls())
        page = await asyncio.to_thread(self._books.read)
        for finding in await asyncio.to_thread(lambda: list(self._contradictions(page, listed))):
            self._ledger.find(finding)
        return page

    def _contradictions(self, page: Page, listed: list[str]) -> Iterator[str]:
        signed = {session_id: found.session.sequence for session_id, found in self._found.items()}
        yield from self._books.flaws(page, signed)
        yield from _of_listing(listed, page)
        yield from _of_ledger(self._ledger, page)
        in_doubt = {each.id for each in self._ledger.conversations if each.in_doubt}
        for session_id, found in self._found.items():
            yield from _of_session(found, page.sessions[session_id], may_grow=session_id in in_doubt)

    def _grown(self, page: Page) -> list[str]:
        """The sessions that have more messages than when they were asked for."""
        known = {session_id: found.session.sequence for session_id, found in self._found.items()}
        return [session_id for session_id, entries in page.sessions.items() if known.get(session_id) != len(entries)]

    def _some_calls(self) -> list[Told]:
        told = [each for conversation in self._ledger.conversations for each in conversation.told]
        return self._chance.sample(told, min(len(told), REPEATED))

    async def _each(self, check: Callable[[T], Awaitable[None]], what: Iterable[T]) -> None:
        waiting = iter(what)

        async def take_turns() -> None:
            for each in waiting:
                await check(each)

        await asyncio.gather(*(take_turns() for _ in range(AT_ONCE)))

    async def _get(self, session_id: str) -> None:
        asked = pb.GetSessionRequest(session_id=session_id)
        if found := await self._call("GetSession", asked, session_id):
            self._found[session_id] = found

    async def _repeat(self, told: Told) -> None:
        again = await self._call(told.method, told.request, told.request_id)
        if again and not told.is_answered_by(again):
            self._ledger.find(f"{told.method} {told.request_id}: another answer to the same request")

    async def _list(self) -> list[str]:
        found: list[str] = []
        asked = pb.ListSessionsRequest(operator_token=self._operator_token, page_size=100)
        while page := await self._call("ListSessions", asked, ""):
            found += [each.id for each in page.sessions]
            asked.page_token = page.next_page_token
            if not asked.page_token:
                break
        return found

    async def _call(self, method: str, request: Any, about: str) -> Any:
        """None, and a finding, where there is no answer even now."""
        for _ in range(ATTEMPTS):
            try:
                return await getattr(self._payments, method)(request, timeout=TIMEOUT_SECONDS)
            except grpc.aio.AioRpcError as error:
                failure = error
                if why(error)[0] not in RETRIED:
                    break
        self._ledger.find(f"{method} {about}, when all was well again: {' '.join(why(failure))}: {failure.details()}")
        return None


def _of_listing(listed: list[str], page: Page) -> Iterator[str]:
    if len(listed) != len(set(listed)):
        yield "ListSessions lists a session twice"
    yield from (f"session {each}: not listed" for each in page.sessions.keys() - set(listed))
    yield from (f"session {each}: listed, but not recorded" for each in set(listed) - page.sessions.keys())


def _of_session(found: pb.GetSessionResponse, entries: list[Entry], *, may_grow: bool) -> Iterator[str]:
    """What the API says of a session is what its rows add up to."""
    session = found.session
    if session.sequence != len(entries) and not (may_grow and session.sequence < len(entries)):
        yield f"session {session.id}: the API knows {session.sequence} messages, the database {len(entries)}"
    entries = entries[: session.sequence]
    if Decimal(session.paid_amount.amount) != paid(entries):
        yield f"session {session.id}: paid_amount is {session.paid_amount.amount}, acknowledged were {paid(entries)}"
    if {each.message_id for each in found.credentials} != {each.id for each in entries}:
        yield f"session {session.id}: its credentials are not those of its messages"


def _of_ledger(ledger: Ledger, page: Page) -> Iterator[str]:
    """Everything that was answered is there once, as it was answered, and nothing that nobody asked for."""
    asked_for = {each.request_id: "" for each in ledger.unopened}
    for conversation in ledger.conversations:
        entries = {each.id for each in page.sessions.get(conversation.id, ())}
        for told in conversation.told:
            yield from _of_told(told, entries, page)
        asked_for |= {each.request_id: conversation.id for each in (*conversation.told, *conversation.in_doubt)}
    entries_by_id = page.entries()
    for request_id, message_id in page.requests.items():
        entry = entries_by_id.get(message_id)
        if request_id not in asked_for:
            yield f"request {request_id}: it took effect, though it was refused, or nobody made it"
        elif entry and asked_for[request_id] not in ("", entry.session_id):
            yield f"request {request_id}: it took effect in another session, {entry.session_id}"
    for watched in ledger.watched:
        told_ids = [each.id for each in page.sessions.get(watched.session_id, ())][: len(watched.message_ids)]
        if watched.message_ids != told_ids:
            yield f"session {watched.session_id}: a watcher was told of {watched.message_ids}, recorded is {told_ids}"


def _of_told(told: Told, entries: set[str], page: Page) -> Iterator[str]:
    about, message_id = f"{told.method} {told.request_id}", told.credential.message_id
    if message_id not in entries:
        yield f"{about}: answered with message {message_id}, which is lost"
    if page.requests.get(told.request_id) != message_id:
        yield f"{about}: answered with message {message_id}, but remembered with {page.requests.get(told.request_id)}"
    if page.credentials.get(message_id) != told.credential.json:
        yield f"{about}: the credential it was answered with is not the one that is kept"
