"""The parts that an operation is made of, each alone in this process: no gRPC, one after another."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from uuid_utils.compat import uuid7

from bench.measuring import Measured, measure
from services.codec import classic, pasted, qr_drawing
from services.codec.domain import QrFormat
from services.credentials import suites
from services.credentials.did_key import to_did
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages.document import message_digest
from services.messages.message import Claim, Message, Party, PaymentMethod, Request
from services.messages.money import Money
from services.runtime.database import revisions_of
from services.runtime.database_sqlite import SqliteDatabase

NOW = datetime.now(UTC).replace(microsecond=0)
AMOUNT = Money.parse("120.00", "EUR")
METHODS = (
    PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}),
    PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
)


async def measure_parts(directory: Path, seconds: float) -> list[Measured]:
    """Each part for so many seconds."""
    measured = [
        await measure(name, _awaitable(part), time.process_time, seconds=seconds) for name, part in _parts().items()
    ]
    measured += await _measure_commits(directory, seconds)
    return [replace(each, is_part=True) for each in measured]


def _parts() -> dict[str, Callable[[], object]]:
    private = suites.generate("eddsa-jcs-2022")
    key = IssuerKey(to_did(private.public_key()), "eddsa-jcs-2022", private)
    request = _message(key, Request(Party.handle("Ana", "payee"), AMOUNT, "two chairs", METHODS, NOW + timedelta(7)))
    claim = _message(key, Claim(message_digest(request), AMOUNT, Party.handle("Ben", "payer"), "RF18", "SEPA"))
    credential, claimed = issue(request, key).json, issue(claim, key).json
    known = Circumstances(NOW, own={key.did: key}, conversation=(request,))
    text = classic.write(credential)
    return {
        "issue: canonical form and signature": lambda: issue(claim, key),
        "verify: all checks of a claim": lambda: judge(read(claimed), known),
        "write a request as CLASSIC": lambda: classic.write(credential),
        "read a request as CLASSIC": lambda: pasted.read(text),
        "draw a request as a QR code, PNG": lambda: qr_drawing.draw(text, QrFormat.PNG),
    }


async def _measure_commits(directory: Path, seconds: float) -> list[Measured]:
    database = SqliteDatabase(directory / "parts.db", revisions_of("sessions"))
    await database.open()

    async def commit() -> None:
        row = uuid4().hex, b"", "2026-01-01 00:00:00"
        await database.write(lambda connection: connection.exec_driver_sql("INSERT INTO session VALUES (?, ?, ?)", row))

    name = "commit a row, SQLite with FULL sync"
    try:
        return [await measure(name, commit, time.process_time, clients=clients, seconds=seconds) for clients in (1, 16)]
    finally:
        await database.close()


def _message(key: IssuerKey, statement: Request | Claim) -> Message:
    return Message(uuid7(), uuid7(), key.did, NOW, statement)


def _awaitable(part: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    async def once() -> object:
        return part()

    return once
