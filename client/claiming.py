"""`counterfoil claim`: the payer says that they have paid."""

from __future__ import annotations

import click

from client.delivery import Writing, deliver, making_options
from client.failures import NotVerified, Unusable
from client.operations import operations_of
from client.options import is_id, signing_options
from client.printing import conclusion
from client.reading import Source, SourceArgument
from client.sdk.operations import Operations
from counterfoil.messages.v1 import message_pb2


@click.command()
@click.argument("asked", metavar="SESSION|TEXT|FILE|-", type=SourceArgument())
@click.argument("amount")
@click.argument("currency", required=False)
@click.option("--evidence", metavar="TEXT", help="The proof of transfer: a transaction id, a bank reference.")
@click.option("--method", metavar="NAME", help="How you paid: one of the request's methods, by its name.")
@click.option("--custom-method", metavar="TEXT", help="How you paid, when the request does not name it: cash.")
@click.option("--payer", metavar="NAME", help="Who paid, as the payee shall read it; not with a wallet.")
@signing_options
@making_options
@click.pass_context
def claim(
    context: click.Context,
    asked: Source,
    amount: str,
    currency: str | None,
    evidence: str | None,
    method: str | None,
    custom_method: str | None,
    payer: str | None,
    how: Writing,
    request_id: str,
) -> None:
    """Say that you have paid: prints the claim to send to the payee.

    The request is given by its session's id, or as it came: as its text, as a file with the text or a picture of its
    QR code, or as - to read it from stdin. The currency is the request's unless you say another.

    \b
    counterfoil claim request.png 70 --payer Ben --method SEPA \\
        --evidence "transfer 4711"
    """
    if method is not None and custom_method is not None:
        raise click.UsageError("give --method or --custom-method, not both", context)
    operations = operations_of(context)
    session_id, requested = _request(operations, asked)
    made = operations.claim_payment(
        session_id,
        message_pb2.Money(amount=amount, currency=(currency or requested.currency).upper()),
        payer=payer,
        evidence=evidence,
        method=method,
        custom_method=custom_method,
        format=how.format,
        qr_format=how.qr_format,
        request_id=request_id,
    )
    deliver(context, made, how)


def _request(operations: Operations, asked: Source) -> tuple[str, message_pb2.Money]:
    """The session's id, and the amount that was asked for."""
    if isinstance(asked, str) and is_id(given := asked.strip().lower()):
        found = operations.get_session(given).session
        return found.id, found.requested_amount
    read = operations.take_in(asked)
    if not read.verdict.verified:
        raise NotVerified(f"the request does not hold, so nothing was claimed: {conclusion(read.verdict)}")
    if not read.message.HasField("request"):
        raise Unusable("this is a message, but no request; give what the payee sent you first")
    return read.message.session_id, read.message.request.amount
