"""Two people with a wallet each, and no server anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

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
