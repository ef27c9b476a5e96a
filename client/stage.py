"""What a demonstration needs: two people at one gateway, and a way to show what they say and see."""

from __future__ import annotations

import shutil
import textwrap

import click

from client.failures import Unusable, printable
from client.pictures import fitting
from client.printing import conclusion, rows, show, verdict
from client.sdk.failures import Refused
from client.sdk.gateway import Gateway
from client.wording import session_rows, statement
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2

_WIDTH_MAX = 80
_IBAN = "DE02120300000000202051"


class Stage:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._scenes = 0
        self._width = min(shutil.get_terminal_size().columns, _WIDTH_MAX)

    def scene(self, title: str) -> None:
        self._scenes += 1
        click.secho(f"\n── {self._scenes}. {title} ".ljust(self._width + 1, "─"), bold=True)

    def tell(self, sentence: str) -> None:
        click.echo("\n" + textwrap.fill(sentence, self._width, break_long_words=False, break_on_hyphens=False))

    def say(self, who: str, text: str) -> None:
        """Broken over lines, which a reader of the text puts together again."""
        self.tell(f"{who} sends over the chat:")
        click.echo(textwrap.indent("\n".join(textwrap.wrap(printable(text), self._width - 2)), "  "))

    def draw(self, image: bytes) -> None:
        try:
            click.echo("\n" + fitting(image.decode(), shutil.get_terminal_size().columns), nl=False)
        except Unusable as narrow:
            self.tell(f"({narrow.message})")

    def check(self, who: str, message: str | bytes) -> None:
        """Anybody may: it takes no secret and changes nothing."""
        read = self._gateway.decode_message(message)
        self.tell(f"{who} reads: {statement(read.message)}.")
        click.echo()
        show(verdict(read.verdict))
        self.tell(conclusion(read.verdict))

    def show(self, session: session_pb2.Session) -> None:
        self.tell("The session is now:")
        show(rows((f"  {name}", value) for name, value in session_rows(session)))

    def request(self, payee: str, amount: str, description: str) -> pb.RequestPaymentResponse:
        return self._gateway.request_payment(
            _eur(amount),
            payee=payee,
            description=description,
            methods=[message_pb2.PaymentMethod(method="SEPA", details={"iban": _IBAN})],
            qr_format=message_pb2.QR_FORMAT_TERMINAL,
        )

    def claim(self, payer: str, session_id: str, amount: str, evidence: str) -> pb.ClaimPaymentResponse:
        return self._gateway.claim_payment(session_id, _eur(amount), payer=payer, method="SEPA", evidence=evidence)

    def acknowledge(self, claim: str, payee_token: str) -> pb.AcknowledgePaymentResponse:
        return self._gateway.acknowledge_payment(claim, payee_token=payee_token, qr_format=message_pb2.QR_FORMAT_PNG)

    def acknowledge_in_vain(self, claim: str, payee_token: str) -> str:
        """What the service says to it."""
        try:
            self.acknowledge(claim, payee_token)
        except Refused as refusal:
            return str(refusal)
        raise AssertionError("it was to be refused")


def _eur(amount: str) -> message_pb2.Money:
    return message_pb2.Money(amount=amount, currency="EUR")
