"""Two people with a wallet each, and no server anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

from client.wallet.keys import open_key
from client.wallet.store import WalletFile
from services.codec.domain import TextFormat
from services.codec.usecases import write
from services.credentials.issuing import issue
from services.messages.message import Message
from services.sessions.domain import Recorded
from tests.client.conftest import Command

PASSPHRASE = "correct horse battery"
NOWHERE = "localhost:1"


class Person(Command):
    """`counterfoil` with a wallet of the person's own."""

    def __init__(self, wallet: str, *, make: bool = True) -> None:
        super().__init__(NOWHERE, {"COUNTERFOIL_WALLET": wallet, "COUNTERFOIL_PASSPHRASE": PASSPHRASE})
        self.wallet = Path(wallet)
        self.did = self.run("wallet", "init").stdout.strip() if make else ""

    def twin(self, name: str) -> Person:
        """The same wallet restored on another device, which does not hear of what this one says from now on."""
        shutil.copy(self.wallet, name)
        twin = Person(name, make=False)
        twin.did = self.did
        return twin

    def kept(self) -> list[Recorded]:
        file = WalletFile(self.wallet)
        try:
            return [each.recorded for each in file.messages()]
        finally:
            file.close()

    def signs(self, message: Message) -> str:
        """The text of any message, also of one that no wallet would sign."""
        file = WalletFile(self.wallet)
        try:
            return write(issue(message, open_key(file, PASSPHRASE)).json, TextFormat.COMPACT)[1]
        finally:
            file.close()

    def asks(self, amount: str = "120", *more: str) -> str:
        return self.text("request", amount, "EUR", *more)

    def session(self) -> str:
        """The id of the one session."""
        [session] = self.json("sessions")["sessions"]
        assert isinstance(session["id"], str)
        return session["id"]

    def status(self) -> str:
        [session] = self.json("sessions")["sessions"]
        return f"{session['status'].removeprefix('SESSION_STATUS_')} {session['paid_amount']['amount']}"
