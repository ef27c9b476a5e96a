"""What a payee answers: `counterfoil acknowledge`, `reject` and `cancel`."""

from __future__ import annotations

import click

from client.delivery import Writing, deliver, making_options
from client.operations import operations_of
from client.options import SessionId, globals_of, payee_token_options, signing_options
from client.printing import show, verdict
from client.reading import Source, SourceArgument
from client.sdk.operations import Operations
from counterfoil.messages.v1 import message_pb2
from counterfoil.sessions.v1.session_pb2 import CLAIM_STATUS_PENDING


@click.command()
@click.argument("claim", type=SourceArgument(), metavar="TEXT|FILE|-")
@click.option("--received", metavar="AMOUNT", help="How much arrived, when it is not what was claimed.")
@click.option(
    "--session",
    "session_id",
    metavar="SESSION",
    type=SessionId(),
    help="Refuse a claim that belongs to another session.",
)
@payee_token_options
@signing_options
@making_options
@click.pass_context
def acknowledge(
    context: click.Context,
    claim: Source,
    received: str | None,
    session_id: str | None,
    token: str,
    how: Writing,
    request_id: str,
) -> None:
    """Confirm that the money of a claim arrived: prints the receipt to send to the payer.

    The claim is given as its text, as a file with the text or a picture of its QR code, or as - to read it from stdin.
    Look at your account first; the verdict says who made the claim, not that there is money.
    """
    operations = operations_of(context)
    made = operations.acknowledge_payment(
        claim,
        payee_token=token,
        received_amount=_received(operations, claim, received) if received else None,
        session_id=session_id or "",
        format=how.format,
        qr_format=how.qr_format,
        request_id=request_id,
    )
    if not globals_of(context).json:
        show(verdict(made.verdict), aside=True)
    deliver(context, made, how)


def _received(operations: Operations, claim: Source, amount: str) -> message_pb2.Money:
    """In the claim's own currency where none is given."""
    number, _, currency = amount.strip().partition(" ")
    if not currency:
        currency = operations.decode_message(claim).message.claim.amount.currency
    return message_pb2.Money(amount=number, currency=currency.upper())


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@click.argument("claim_id", metavar="[CLAIM]", type=SessionId(), required=False)
@click.option(
    "--unanswered", is_flag=True, help="Every claim that waits for an answer, where strangers have filled a session."
)
@click.option("--reason", metavar="TEXT", default="", help="Why, for the payer to read.")
@payee_token_options
@signing_options
@making_options
@click.pass_context
def reject(
    context: click.Context,
    session_id: str,
    claim_id: str | None,
    unanswered: bool,
    reason: str,
    token: str,
    how: Writing,
    request_id: str,
) -> None:
    """Say that a claim is not true: prints the rejection to send to the payer.

    `counterfoil session SESSION` lists the ids of the claims.
    """
    if bool(claim_id) == unanswered or (unanswered and how.picture):
        raise click.UsageError("give a CLAIM, or --unanswered without --qr", context)
    operations = operations_of(context)
    ids = [claim_id] if claim_id else unanswered_claims(operations, session_id)
    for each in ids:
        made = operations.reject_claim(
            session_id,
            each,
            payee_token=token,
            reason=reason,
            format=how.format,
            qr_format=how.qr_format,
            # Repeated, --unanswered finds those that are left.
            request_id=request_id if claim_id else "",
        )
        deliver(context, made, how)


def unanswered_claims(operations: Operations, session_id: str) -> list[str]:
    claims = operations.get_session(session_id).session.claims
    return [each.message.id for each in claims if each.status == CLAIM_STATUS_PENDING]


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@click.option("--reason", metavar="TEXT", default="", help="Why, for the payer to read.")
@payee_token_options
@signing_options
@making_options
@click.pass_context
def cancel(context: click.Context, session_id: str, reason: str, token: str, how: Writing, request_id: str) -> None:
    """Withdraw a request, so that it takes no more claims: prints the cancellation to send to the payer.

    Claims made before can still be acknowledged or rejected.
    """
    made = operations_of(context).cancel_request(
        session_id,
        payee_token=token,
        reason=reason,
        format=how.format,
        qr_format=how.qr_format,
        request_id=request_id,
    )
    deliver(context, made, how)
