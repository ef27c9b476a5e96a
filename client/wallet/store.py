"""The wallet's one file, an SQLite database: its DID, its sealed key, and the messages said and heard."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from client.failures import Unusable
from services.messages.canonical import read_json
from services.messages.document import from_document, without_security
from services.messages.message import Message
from services.messages.refusals import MalformedMessage
from services.sessions.domain import Recorded

# "CFwt" at the place where SQLite keeps what a file is for.
_APPLICATION_ID = int.from_bytes(b"CFwt", "big")
_VERSION = 1
_BUSY_SECONDS = 10.0

_TABLES = """
CREATE TABLE wallet (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    did TEXT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE TABLE message (
    digest BLOB PRIMARY KEY,
    session_id TEXT NOT NULL,
    credential TEXT NOT NULL
);
CREATE INDEX message_of_session ON message (session_id);
CREATE TABLE done (
    request_id TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    digest BLOB NOT NULL REFERENCES message
);
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with the credential that it came in, as JSON."""

    recorded: Recorded
    credential: str


class WalletFile:
    """Open for one command. Nothing is kept unless it is done within `writing`."""

    def __init__(self, path: Path) -> None:
        """Raises Unusable for what is no wallet."""
        self.path = path
        if not path.is_file():
            raise Unusable(f"{path}: no such wallet; `counterfoil wallet init` makes one")
        with self._readable():
            self._database = _connect(path)
            found = [
                self._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            ]
            if found[0] != _APPLICATION_ID:
                raise sqlite3.DatabaseError
            if found[1] != _VERSION:
                raise Unusable(f"{path}: made by another version of counterfoil, which this one does not read")
            row = self._database.execute("SELECT did, sealed FROM wallet").fetchone()
            if row is None or [type(each) for each in row] != [str, bytes]:
                raise sqlite3.DatabaseError
            self.did, self.sealed = row

    @classmethod
    def create(cls, path: Path, did: str, sealed: bytes) -> WalletFile:
        with new_file(path):
            database = _connect(path)
            database.executescript(
                f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_VERSION}; {_TABLES}"
            )
            database.execute("INSERT INTO wallet VALUES (1, ?, ?)", (did, sealed))
            database.close()
        return cls(path)

    @classmethod
    def restore(cls, path: Path, content: bytes) -> WalletFile:
        """From what `content` gave."""
        with new_file(path):
            path.write_bytes(content)
        return cls(path)

    def content(self) -> bytes:
        """The whole file, as it is between two commands."""
        with self._readable():
            return self._database.serialize()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """What is done within takes effect as one, and no other command writes meanwhile."""
        with self._readable():
            self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._readable():
                self._database.execute("COMMIT")
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def messages(self, session_id: UUID | None = None) -> list[Kept]:
        """Those under one session id, or all."""
        with self._readable():
            where, values = ("WHERE session_id = ?", [str(session_id)]) if session_id else ("", [])
            rows = self._database.execute(f"SELECT digest, credential FROM message {where}", values)  # noqa: S608
            return [self._kept(digest, credential) for digest, credential in rows]

    def find(self, digest: bytes) -> Message | None:
        with self._readable():
            row = self._database.execute("SELECT credential FROM message WHERE digest = ?", [digest]).fetchone()
            return self._kept(digest, row[0]).recorded.message if row else None

    def add(self, recorded: Recorded, credential: str) -> bool:
        """Whether it was not there before."""
        with self._readable():
            row = (recorded.digest, str(recorded.message.session_id), credential)
            return self._database.execute("INSERT OR IGNORE INTO message VALUES (?, ?, ?)", row).rowcount > 0

    def done(self, request_id: str) -> tuple[bytes, Kept] | None:
        """What a command with that id did: the fingerprint of the command, and the message that it made."""
        with self._readable():
            row = self._database.execute(
                "SELECT fingerprint, digest, credential FROM done JOIN message USING (digest) WHERE request_id = ?",
                [request_id],
            ).fetchone()
            return (row[0], self._kept(row[1], row[2])) if row else None

    def remember(self, request_id: str, fingerprint: bytes, digest: bytes) -> None:
        with self._readable():
            self._database.execute("INSERT INTO done VALUES (?, ?, ?)", (request_id, fingerprint, digest))

    def reseal(self, sealed: bytes) -> None:
        with self.writing():
            self._database.execute("UPDATE wallet SET sealed = ?", [sealed])

    def close(self) -> None:
        self._database.close()

    def _kept(self, digest: object, credential: object) -> Kept:
        # Imported only by commands that look at messages.
        from client.wallet.checking import is_as_kept

        if not isinstance(digest, bytes) or not isinstance(credential, str):  # SQLite puts anything into any column.
            raise sqlite3.DatabaseError
        message = from_document(without_security(read_json(credential)))
        if not is_as_kept(credential, digest):
            raise Unusable(
                f"{self.path}: message {message.id} in it is not what its issuer signed, so the file was changed; "
                "restore it from its backup"
            )
        return Kept(Recorded(message, digest), credential)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise Unusable(f"{self.path}: another command is writing to it; try again") from None
            raise Unusable(f"{self.path}: {error}") from None
        except (sqlite3.DatabaseError, MalformedMessage, UnicodeDecodeError):
            raise Unusable(f"{self.path}: no wallet, or a broken one; restore it from its backup") from None


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_BUSY_SECONDS
    )
    # EXTRA: what was answered is there after a power cut. What is replaced, an older sealed key, is overwritten.
    for pragma in ("synchronous = EXTRA", "secure_delete = ON", "trusted_schema = OFF", "foreign_keys = ON"):
        database.execute(f"PRAGMA {pragma}")
    return database


@contextmanager
def new_file(path: Path) -> Iterator[None]:
    """A file that only its owner can read, and that was not there; gone again if it does not come about."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Unusable(f"{path}: is there already, and is not written over") from None
    except OSError as error:
        raise Unusable.file(str(path), error) from None
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
