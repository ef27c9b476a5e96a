"""Both databases, read directly, row by row, and whether what stands in them is whole.

What is counted here is counted from the rows, by none of the product's rules; only signatures are checked by its code.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, NullPool, create_engine, select

from services.credentials.proofs import ProofFails, check
from services.credentials.tables import CredentialRow
from services.messages.canonical import canonical
from services.runtime.database_postgres import schema_of
from services.sessions.store import MessageRow, RequestRow, SessionRow

_ROWS: tuple[Any, ...] = (SessionRow, MessageRow, RequestRow, CredentialRow)
_SESSION, _MESSAGE, _REQUEST, _CREDENTIAL = (each.__table__ for each in _ROWS)
_BY_SEQUENCE = select(
    _MESSAGE.c.session_id,
    _MESSAGE.c.sequence,
    _MESSAGE.c.id,
    _MESSAGE.c.answers,
    _MESSAGE.c.digest,
    _MESSAGE.c.document,
).order_by(_MESSAGE.c.session_id, _MESSAGE.c.sequence)


@dataclass(frozen=True)
class Entry:
    """A message as it was recorded."""

    session_id: str
    sequence: int
    id: str
    answers: str | None
    digest: bytes
    document: bytes

    def read(self) -> Any:
        return json.loads(self.document)


@dataclass
class Page:
    """Everything that stood in the databases at one time."""

    sessions: dict[str, list[Entry]] = field(default_factory=dict)
    # The message that each request id recorded.
    requests: dict[str, str] = field(default_factory=dict)
    # The JSON of credentials by their messages' ids.
    credentials: dict[str, str] = field(default_factory=dict)

    def entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entries in self.sessions.values() for entry in entries}


class Books:
    def __init__(self, engine_of: Callable[[str], Engine], begin: str) -> None:
        """The database of a service by the service's name, and how to begin reading it as it is at one moment."""
        self._sessions, self._credentials = engine_of("sessions"), engine_of("credentials")
        self._begin = begin
        self._last = Page()
        # Sessions and credentials that were looked at before, as they were.
        self._whole: dict[str, list[Entry]] = {}
        self._verified: dict[str, str] = {}

    def read(self) -> Page:
        page = Page()
        # First, so that each has its message in what is read next.
        with self._credentials.connect() as connection:
            for kept in connection.execute(select(_CREDENTIAL.c.message_id, _CREDENTIAL.c.json)):
                page.credentials[kept.message_id] = kept.json
        with self._sessions.connect() as connection:
            connection.exec_driver_sql(self._begin)
            for session in connection.execute(select(_SESSION.c.id)):
                page.sessions[str(session.id)] = []
            for row in connection.execute(_BY_SEQUENCE):
                answers = str(row.answers) if row.answers else None
                entry = Entry(str(row.session_id), row.sequence, str(row.id), answers, row.digest, row.document)
                page.sessions.setdefault(entry.session_id, []).append(entry)
            for request in connection.execute(select(_REQUEST.c.id, _REQUEST.c.message_id)):
                page.requests[str(request.id)] = str(request.message_id)
        return page

    def flaws(self, page: Page, signed: Mapping[str, int]) -> Iterator[str]:
        """What is not whole, or was there before and is not any more.

        `signed` are the sessions of which so many messages have to have credentials.
        """
        yield from _lost(self._last, page)
        for session_id, entries in page.sessions.items():
            if self._whole.get(session_id) != entries:
                yield from (f"session {session_id}: {each}" for each in _flaws_of_conversation(entries))
                self._whole[session_id] = entries
        yield from _flaws_of_requests(page)
        yield from self._flaws_of_credentials(page, signed)
        self._last = page

    def _flaws_of_credentials(self, page: Page, signed: Mapping[str, int]) -> Iterator[str]:
        entries = page.entries()
        for entry in entries.values():
            if entry.id not in page.credentials and entry.sequence <= signed.get(entry.session_id, 0):
                yield f"message {entry.id}: it has no credential"
        for key, text in page.credentials.items():
            if key not in entries:
                yield f"credential {key}: no such message was recorded"
            elif self._verified.get(key) != text:
                yield from (f"credential {key}: {each}" for each in _flaws_of_credential(text, entries[key]))
                self._verified[key] = text


def paid(entries: list[Entry]) -> Decimal:
    """The sum of what was acknowledged."""
    subjects = (each.read()["credentialSubject"] for each in entries)
    amounts = (Decimal(each["amount"]["value"]) for each in subjects if each["type"] == "PaymentAcknowledgement")
    return sum(amounts, Decimal())


def _lost(last: Page, page: Page) -> Iterator[str]:
    """What was recorded stays, byte for byte."""
    entries = page.entries()
    yield from (f"message {key}: lost or changed" for key, each in last.entries().items() if entries.get(key) != each)
    for name in ("requests", "credentials"):
        before, now = getattr(last, name), getattr(page, name)
        yield from (f"one of {name}, {key}: lost or changed" for key in before if now.get(key) != before[key])


def _flaws_of_conversation(entries: list[Entry]) -> Iterator[str]:
    """Its messages are numbered without gaps, linked, in the order of their time, and each claim is answered once."""
    if [each.sequence for each in entries] != list(range(1, len(entries) + 1)) or not entries:
        yield f"its events are numbered {[each.sequence for each in entries]}"
    digests: dict[str, str] = {}
    answered = Counter[str]()
    request, dated, cancelled = "", "", False
    for entry in entries:
        document = entry.read()
        subject, kind = document["credentialSubject"], document["credentialSubject"]["type"]
        if sha256(entry.document).digest() != entry.digest:
            yield f"the digest of message {entry.id} is of something else"
        if (entry.sequence == 1) != (kind == "PaymentRequest"):
            yield f"message {entry.id}, a {kind}, is number {entry.sequence}"
        if document["validFrom"] < dated:
            yield f"message {entry.id} is older than the one before it"
        if cancelled and kind in ("PaymentClaim", "PaymentCancellation"):
            yield f"message {entry.id}, a {kind}, came after the cancellation"
        link = subject.get("claim") or subject.get("request") or {}
        if link.get("digestMultibase", "") != (digests.get(link["id"], "nothing") if "id" in link else request):
            yield f"message {entry.id}, a {kind}, is not linked to what it answers"
        if (f"urn:uuid:{entry.answers}" if entry.answers else None) != link.get("id"):
            yield f"message {entry.id} stands as an answer to {entry.answers}"
        answered[link.get("id", "")] += 1
        if kind == "PaymentClaim":
            digests[document["id"]] = _multibase(entry.digest)
        elif kind == "PaymentRequest":
            request = _multibase(entry.digest)
        dated, cancelled = document["validFrom"], cancelled or kind == "PaymentCancellation"
    yield from (f"claim {claim} was answered {times} times" for claim, times in answered.items() if claim and times > 1)


def _flaws_of_requests(page: Page) -> Iterator[str]:
    """Every call that recorded something is remembered, and every call that is remembered recorded something."""
    recorded = page.entries().keys()
    times = Counter(page.requests.values())
    for request_id, message_id in page.requests.items():
        if message_id not in recorded:
            yield f"request {request_id}: remembered, but without an effect"
    yield from (f"message {key}: recorded by {times[key]} requests" for key in recorded if times[key] != 1)


def _flaws_of_credential(text: str, entry: Entry) -> Iterator[str]:
    document = json.loads(text)
    proof = document.pop("proof")
    if canonical(document) != entry.document:
        yield "it says something else than its message"
        return
    try:
        check(document, entry.digest, proof)
    except ProofFails as failure:
        yield str(failure)


def _multibase(digest: bytes) -> str:
    return "u" + urlsafe_b64encode(b"\x12\x20" + digest).decode().rstrip("=")


def postgres_books(url: str) -> Books:
    def engine_of(service: str) -> Engine:
        options = f"-c search_path={schema_of(service)} -c timezone=UTC"
        return _engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url, options=options, autocommit=True))

    return Books(engine_of, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def sqlite_books(directory: Path) -> Books:
    return Books(lambda service: _engine(f"sqlite:///{directory / f'{service}.db'}"), "BEGIN")


def _engine(url: str, **options: Any) -> Engine:
    # Connected anew each time: the server may have been killed since.
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", **options)
