"""A database with many conversations in it, as if they had been held: written in bulk, through no service.

Half of them wait for a claim, half are settled. Only the signatures are not real, which nobody checks again.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert
from uuid_utils.compat import uuid7

from services.credentials.tables import CredentialRow
from services.messages.canonical import canonical
from services.messages.document import Document, to_document, to_timestamp
from services.messages.message import Acknowledgement, Claim, Message, Party, PaymentMethod, Request, whole_second
from services.messages.money import Money
from services.runtime.database import database_of
from services.runtime.secrets import key_of
from services.runtime.settings import Settings
from services.sessions import tokens
from services.sessions.domain import Recorded, answered_claim
from services.sessions.store import MessageRow, SessionRow

AT_A_TIME = 500
AMOUNT = Money.parse("120", "EUR")
METHODS = (
    PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}),
    PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
)

_SESSION: Table = SessionRow.__table__  # type: ignore[attr-defined]
_MESSAGE: Table = MessageRow.__table__  # type: ignore[attr-defined]
_CREDENTIAL: Table = CredentialRow.__table__  # type: ignore[attr-defined]

Rows = list[dict[str, Any]]
Tables = list[tuple[Table, Rows]]


class Filled:
    """Which sessions there are now."""

    def __init__(self, settings: Settings) -> None:
        self.waiting: list[UUID] = []
        self.settled: list[UUID] = []
        self._tokens = tokens.PayeeTokens(key_of(settings.payee_token_key, settings.data_dir / "payee-token-key"))

    def payee_token(self, session_id: UUID) -> str:
        return self._tokens.of(session_id)


async def fill(settings: Settings, issuer: str, sessions: int, ago: timedelta = timedelta()) -> Filled:
    """Conversations that were held so long ago."""
    filled = Filled(settings)
    async with AsyncExitStack() as stack:
        databases = [database_of(settings, name) for name in ("sessions", "credentials")]
        for database in databases:
            await database.open()
            stack.push_async_callback(database.close)
        for start in range(0, sessions, AT_A_TIME):
            rows = _rows(filled, issuer, range(start, min(start + AT_A_TIME, sessions)), ago)
            await asyncio.gather(
                *(database.write(partial(_insert, tables)) for database, tables in zip(databases, rows, strict=True))
            )
    return filled


def _insert(tables: Tables, connection: Connection) -> None:
    for table, rows in tables:
        connection.execute(insert(table), rows)


def _rows(filled: Filled, issuer: str, numbers: range, ago: timedelta) -> tuple[Tables, Tables]:
    """For the tables of the sessions service, and for those of the credentials service."""
    now = whole_second(datetime.now(UTC) - ago)
    sessions: Rows = []
    messages: Rows = []
    credentials: Rows = []
    for number in numbers:
        session_id = uuid7(nanoseconds=time.time_ns() - int(ago.total_seconds()) * 10**9)
        (filled.settled if number % 2 else filled.waiting).append(session_id)
        token_hash = tokens.hash_of(filled.payee_token(session_id))
        sessions.append({"id": session_id, "payee_token_hash": token_hash, "created_at": now})
        for sequence, recorded in enumerate(_conversation(session_id, issuer, now, settled=bool(number % 2)), 1):
            document = to_document(recorded.message)
            messages.append(_message(recorded, sequence, canonical(document)))
            credentials.append(_credential(recorded, document))
    return [(_SESSION, sessions), (_MESSAGE, messages)], [(_CREDENTIAL, credentials)]


def _conversation(session_id: UUID, issuer: str, now: datetime, *, settled: bool) -> Iterator[Recorded]:
    ask = Request(Party.handle("Ana", "payee"), AMOUNT, "two chairs, as agreed", METHODS, now + timedelta(days=7))
    request = Recorded.of(Message(uuid7(), session_id, issuer, now, ask))
    yield request
    if settled:
        pay = Claim(request.digest, AMOUNT, Party.handle("Ben", "payer"), "RF18 5390 0754 7034", "SEPA")
        claim = Recorded.of(Message(uuid7(), session_id, issuer, now, pay))
        yield claim
        confirm = Acknowledgement(claim.message.id, claim.digest, AMOUNT)
        yield Recorded.of(Message(uuid7(), session_id, issuer, now, confirm))


def _message(recorded: Recorded, sequence: int, document: bytes) -> dict[str, Any]:
    message = recorded.message
    return {
        "id": message.id,
        "session_id": message.session_id,
        "sequence": sequence,
        "answers": answered_claim(message.statement),
        "digest": recorded.digest,
        "document": document,
        "credential": None,
        "recorded_at": message.issued_at,
    }


def _credential(recorded: Recorded, document: Document) -> dict[str, Any]:
    message = recorded.message
    proof = {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": to_timestamp(message.issued_at),
        "verificationMethod": f"{message.issuer}#{message.issuer.removeprefix('did:key:')}",
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + secrets.token_hex(44),
    }
    return {
        "message_id": str(message.id),
        "session_id": str(message.session_id),
        "kind": message.kind.value,
        "issuer": message.issuer,
        "digest": recorded.digest,
        "json": canonical({**document, "proof": proof}).decode(),
        "created_at": message.issued_at,
    }
