"""`counterfoil session`, `watch` and `sessions`: conversations as the server has recorded them."""

from __future__ import annotations

import click

from client.connection import gateway_of
from client.failures import printable
from client.operating import operator_token_option
from client.options import SessionId, global_options, globals_of
from client.printing import listing, put_json, rows, say, show
from client.wording import party, received, session_rows, standing, statement, status
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import session_pb2

SEQUENCE_MAX = 2**63 - 1
STATUSES = [
    name.removeprefix("SESSION_STATUS_").replace("_", "-").lower()
    for name, number in session_pb2.SessionStatus.items()
    if number
]


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@global_options
@click.pass_context
def session(context: click.Context, session_id: str) -> None:
    """Show a request and everything said about it."""
    found = gateway_of(context).get_session(session_id)
    if globals_of(context).json:
        put_json(found)
    else:
        show(rows(session_rows(found.session)))


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
@global_options
@click.pass_context
def sessions(context: click.Context, operator_token: str, page_size: int, page_token: str) -> None:
    """List all sessions, newest first, as the operator of the server."""
    gateway = gateway_of(context)
    page = gateway.call(
        gateway.payments.ListSessions,
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
