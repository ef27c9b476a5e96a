"""What a demonstration needs: two people at one gateway or with a wallet each, and a way to show what they do."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import click

from client.failures import Unusable, printable
from client.pictures import fitting, write
from client.printing import conclusion, rows, show, verdict
from client.sdk.failures import Refused
from client.sdk.operations import Operations
from client.wording import session_rows, statement
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2

_WIDTH_MAX = 80
_IBAN = "DE02120300000000202051"


class Stage:
    """Where the two have wallets, `chat` is the directory through whose files their messages pass."""

    def __init__(self, payee: Operations, payer: Operations, chat: Path | None = None) -> None:
        self._payee = payee
        self._payer = payer
        self._chat = chat
        self._said = 0
        self._scenes = 0
        self._width = min(shutil.get_terminal_size().columns, _WIDTH_MAX)

    def scene(self, title: str) -> None:
        self._scenes += 1
        click.secho(f"\n── {self._scenes}. {title} ".ljust(self._width + 1, "─"), bold=True)

    def tell(self, sentence: str) -> None:
        click.echo("\n" + textwrap.fill(sentence, self._width, break_long_words=False, break_on_hyphens=False))

    def say(self, who: str, text: str) -> str:
        """What the other gets. Broken over lines, which a reader of the text puts together again."""
        self.tell(f"{who} sends over the chat:")
        lines = textwrap.indent("\n".join(textwrap.wrap(printable(text), self._width - 2)), "  ")
        click.echo(lines)
        if self._chat is None:
            return text
        self._said += 1
        file = self._chat / f"{self._said:02}-{who}.txt"
        write(file, f"{who}:\n{lines}\n".encode())
        return file.read_text()

    def draw(self, image: bytes) -> None:
        try:
            click.echo("\n" + fitting(image.decode(), shutil.get_terminal_size().columns), nl=False)
        except Unusable as narrow:
            self.tell(f"({narrow.message})")

    def payee_reads(self, who: str, message: str | bytes) -> None:
        self._read(who, self._payee, message)

    def payer_reads(self, who: str, message: str | bytes) -> None:
        self._read(who, self._payer, message)

    def _read(self, who: str, operations: Operations, message: str | bytes) -> None:
        """Anybody may: it takes no secret."""
        read = operations.take_in(message)
        self.tell(f"{who} reads: {statement(read.message)}.")
        click.echo()
        show(verdict(read.verdict))
        self.tell(conclusion(read.verdict))

    def show(self, session: session_pb2.Session) -> None:
        self.tell("The session is now:")
        show(rows((f"  {name}", value) for name, value in session_rows(session)))

    def request(self, payee: str, amount: str, description: str) -> pb.RequestPaymentResponse:
        return self._payee.request_payment(
            _eur(amount),
            payee="" if self._chat else payee,
            description=description,
            methods=[message_pb2.PaymentMethod(method="SEPA", details={"iban": _IBAN})],
            qr_format=message_pb2.QR_FORMAT_TERMINAL,
        )

    def claim(self, payer: str, session_id: str, amount: str, evidence: str) -> pb.ClaimPaymentResponse:
        named = None if self._chat else payer
        return self._payer.claim_payment(session_id, _eur(amount), payer=named, method="SEPA", evidence=evidence)

    def acknowledge(self, claim: str, payee_token: str) -> pb.AcknowledgePaymentResponse:
        return self._payee.acknowledge_payment(claim, payee_token=payee_token, qr_format=message_pb2.QR_FORMAT_PNG)

    def acknowledge_in_vain(self, claim: str, payee_token: str) -> str:
        """What the service says to it."""
        try:
            self.acknowledge(claim, payee_token)
        except Refused as refusal:
            return str(refusal)
        raise AssertionError("it was to be refused")


def _eur(amount: str) -> message_pb2.Money:
    return message_pb2.Money(amount=amount, currency="EUR")
