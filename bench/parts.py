"""The parts that an operation cannot do without, each alone in this process, without gRPC: its processor time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from uuid_utils.compat import uuid7

from bench.measuring import Once, Side
from services.codec import armour, compact, qr_drawing
from services.codec.domain import QrFormat
from services.credentials import suites
from services.credentials.did_key import key_of, to_did
from services.credentials.keys import IssuerKey
from services.credentials.proofs import combined_hash, document_hash, secure
from services.messages.document import to_document, to_timestamp
from services.messages.message import Message, Party, PaymentMethod, Request
from services.messages.money import Money
from services.messages.secured import Secured
from services.runtime.database import revisions_of
from services.runtime.database_sqlite import SqliteDatabase

NOW = datetime.now(UTC).replace(microsecond=0)
AMOUNT = Money.parse("120.00", "EUR")
METHODS = (
    PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}),
    PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
)
# What a message and its credential take in the database, in bytes.
KEPT = bytes(2500)
_KEEP = "INSERT INTO session (id, payee_token_hash, created_at) VALUES (?, ?, ?)"


def parts() -> list[Side]:
    """Of a request, the longest of the messages."""
    private = suites.generate("eddsa-jcs-2022")
    key = IssuerKey(to_did(private.public_key()), "eddsa-jcs-2022", private)
    request = Request(Party.handle("Ana", "payee"), AMOUNT, "two chairs, as agreed", METHODS, NOW + timedelta(7))
    message = Message(uuid7(), uuid7(), key.did, NOW, request)
    document = to_document(message)
    credential, _ = secure(document, key, to_timestamp(NOW))
    config = {name: value for name, value in credential["proof"].items() if name != "proofValue"}
    hashed = combined_hash(config, document_hash(document))
    public, signature = key_of(key.did), key.sign(hashed)
    made = Secured(message, key.cryptosuite, key.verification_method, signature, None)
    text = armour.wrap(compact.pack_made(made))
    return [
        _part("canonical", lambda: combined_hash(config, document_hash(document))),
        _part("sign", lambda: key.sign(hashed)),
        _part("verify", lambda: suites.holds(public, signature, hashed)),
        _part("pack", lambda: armour.wrap(compact.pack_made(made))),
        _part("unpack", lambda: [compact.unpack(each) for each in armour.find(text) if isinstance(each, bytes)]),
        _part("draw", lambda: qr_drawing.draw(text, QrFormat.PNG)),
    ]


class Commits:
    """A database of the kind that the product has, to which a number of callers write at a time."""

    def __init__(self, directory: Path) -> None:
        self._database = SqliteDatabase(directory / "parts.db", revisions_of("sessions"))

    async def __aenter__(self) -> Side:
        await self._database.open()
        return Side("commit", self._commit, time.process_time)

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()

    async def _commit(self) -> None:
        row = uuid4().hex, KEPT, "2026-01-01 00:00:00"
        await self._database.write(lambda connection: connection.exec_driver_sql(_KEEP, row))


def _part(name: str, part: Callable[[], object]) -> Side:
    return Side(name, _awaitable(part), time.process_time)


def _awaitable(part: Callable[[], object]) -> Once:
    async def once() -> object:
        return part()

    return once
