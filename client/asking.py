"""`counterfoil request`: the payee asks for money."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from client.delivery import Writing, deliver, making_options
from client.failures import Unusable
from client.operations import operations_of
from client.options import Lifetime, globals_of, signing_options
from client.printing import say
from client.wording import asked, when
from counterfoil.messages.v1 import message_pb2


class Method(click.ParamType[message_pb2.PaymentMethod]):
    name = "method"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> message_pb2.PaymentMethod:
        method, _, rest = value.partition(":")
        # A comma parts two details only where a new one begins behind it.
        details = [part.partition("=") for part in re.split(r",(?=[a-z0-9_]+=)", rest)] if rest else []
        if not method or not all(key and equals for key, equals, _ in details):
            self.fail("give a name, alone or with what the payer needs: SEPA:iban=DE02120300000000202051", param, ctx)
        return message_pb2.PaymentMethod(method=method, details={key: text for key, _, text in details})


@click.command()
@click.argument("amount")
@click.argument("currency")
@click.option("--payee", metavar="NAME", default="", help="Who asks, as the payer shall read it; not with a wallet.")
@click.option("--description", metavar="TEXT", default="", help="What for.")
@click.option(
    "--method",
    "methods",
    metavar="NAME[:KEY=VALUE,...]",
    type=Method(),
    multiple=True,
    help="A way to pay; repeat it for more, the preferred one first.",
)
@click.option("--expires-in", metavar="DURATION", type=Lifetime(), help="Such as 90s, 12h or 7d.  [default: 7d]")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the payee token to this new file, which only you can read, instead of showing it.",
)
@signing_options
@making_options
@click.pass_context
def request(
    context: click.Context,
    amount: str,
    currency: str,
    payee: str,
    description: str,
    methods: tuple[message_pb2.PaymentMethod, ...],
    expires_in: timedelta | None,
    token_file: Path | None,
    how: Writing,
    request_id: str,
) -> None:
    """Ask for money: prints the request to send to the payer.

    \b
    counterfoil request 120 EUR --payee Ana --description "two chairs" \\
        --method SEPA:iban=DE02120300000000202051 --expires-in 7d --qr request.png

    The payee token that comes with it is what later acknowledges, rejects and cancels. Keep it. With --wallet there is
    none: the request is in the name of the wallet's DID, and its key does that.
    """
    _check_payee(context, payee, token_file)
    operations = operations_of(context)
    with _new_secret(token_file) as keep:
        made = operations.request_payment(
            message_pb2.Money(amount=amount, currency=currency.upper()),
            payee=payee,
            description=description,
            methods=methods,
            ttl=expires_in,
            format=how.format,
            qr_format=how.qr_format,
            request_id=request_id,
        )
        keep(made.payee_token)
    if not globals_of(context).json:
        say(f"{asked(made.session.request.request)}, until {when(made.session.expire_time)}.")
        if made.payee_token:
            say(f"Payee token: {f'in {token_file}' if token_file else made.payee_token}")
    deliver(context, made, how, without=["payee_token"] if token_file else [])


def _check_payee(context: click.Context, payee: str, token_file: Path | None) -> None:
    if not globals_of(context).wallet and not payee:
        raise click.UsageError("missing option '--payee': who asks, as the payer shall read it", context)
    if globals_of(context).wallet and token_file:
        raise click.UsageError("a wallet gives out no payee token; its key does what the token does", context)


@contextmanager
def _new_secret(path: Path | None) -> Iterator[Any]:
    """Gives what keeps a secret in a file that only its owner can read.

    The file is made first, so that no secret comes that cannot be kept, and is gone again if none comes.
    """
    if path is None:
        yield lambda _secret: None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unusable.file(str(path), error) from None
    with os.fdopen(descriptor, "w") as file:
        try:
            yield lambda secret: file.write(f"{secret}\n")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
