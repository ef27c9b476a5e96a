"""`counterfoil session`, `watch` and `sessions`: conversations as the server has recorded them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import click

from client.failures import printable
from client.operating import operator_token_option
from client.operations import operations_of, wallet_of
from client.options import SessionId, global_options, globals_of, wallet_option
from client.printing import listing, put_json, rows, say, show
from client.wording import party, received, session_rows, standing, statement, status
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2

if TYPE_CHECKING:
    from client.wallet.servicer import LocalWallet

SEQUENCE_MAX = 2**63 - 1
STATUSES = [
    name.removeprefix("SESSION_STATUS_").replace("_", "-").lower()
    for name, number in session_pb2.SessionStatus.items()
    if number
]


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@wallet_option
@global_options
@click.pass_context
def session(context: click.Context, session_id: str) -> None:
    """Show a request and everything said about it.

    With --wallet also what does not count and why, what waits for a message that has not arrived, and contradictions.
    """
    if globals_of(context).wallet:
        _show_of_wallet(wallet_of(context), UUID(session_id), as_json=globals_of(context).json)
        return
    found = operations_of(context).get_session(session_id)
    if globals_of(context).json:
        put_json(found)
    else:
        show(rows(session_rows(found.session)))


def _show_of_wallet(local: LocalWallet, session_id: UUID, *, as_json: bool) -> None:
    from client.wallet import showing

    found = local.conversation(session_id)
    if as_json:
        click.echo(json.dumps(showing.to_json(found, local.file.messages(session_id)), indent=2))
    else:
        show(rows(showing.conversation_rows(found)))


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@click.option(
    "--after",
    metavar="N",
    type=click.IntRange(min=0),
    help="Begin with the change after number N, instead of the session as it is now.",
)
@click.option("--until", type=click.Choice(STATUSES), multiple=True, help="End when the session is so.")
@global_options
@click.pass_context
def watch(context: click.Context, session_id: str, after: int | None, until: tuple[str, ...]) -> None:
    """Show a session again whenever it changes, until Ctrl-C.

    Each line begins with the number of the change. When the connection is lost it is made again and goes on where it
    was; it ends with 4 when the server stays away for longer than --timeout.
    """
    from client.connection import gateway_of

    changes = gateway_of(context).watch_session(
        session_id,
        None if after is None else min(after, SEQUENCE_MAX),
        on_loss=lambda: say("connection lost; trying again"),
    )
    for change in changes:
        _put_change(change, as_json=globals_of(context).json)
        if status(change.session).replace(" ", "-") in until:
            return


def _put_change(change: pb.WatchSessionResponse, *, as_json: bool) -> None:
    if as_json:
        put_json(change, one_line=True)
    else:
        what = f": {statement(change.message)}" if change.HasField("message") else ""
        click.echo(f"{change.sequence}  {standing(change.session)}{what}")


@click.command()
@operator_token_option
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True, help="How many to list.")
@click.option("--page-token", metavar="TOKEN", default="", help="Go on where the page before ended.")
@wallet_option
@global_options
@click.pass_context
def sessions(context: click.Context, operator_token: str, page_size: int, page_token: str) -> None:
    """List all sessions, newest first: those in a wallet, or those of a server as its operator."""
    operations = operations_of(context)
    page = operations.call(
        operations.payments.ListSessions,
        pb.ListSessionsRequest(operator_token=operator_token, page_size=page_size, page_token=page_token),
    )
    if globals_of(context).json:
        put_json(page)
        return
    show(listing(("Session", "Status", "Received", "Asked by"), (_row(each) for each in page.sessions)))
    if page.next_page_token:
        say(f"For more: --page-token {page.next_page_token}")


def _row(each: session_pb2.Session) -> tuple[str, ...]:
    return printable(each.id), status(each), received(each), party(each.request.request.payee)
