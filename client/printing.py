"""What goes to the terminal: rows, verdicts and JSON. Nothing is read as markup."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from client.failures import printable
from client.wording import Row
from counterfoil.credentials.v1 import credential_pb2

_OUTCOMES = {
    credential_pb2.CHECK_OUTCOME_PASS: Text("pass", "green"),
    credential_pb2.CHECK_OUTCOME_FAIL: Text("FAIL", "bold red"),
    credential_pb2.CHECK_OUTCOME_UNKNOWN: Text("unknown", "yellow"),
}


def show(what: RenderableType, *, aside: bool = False) -> None:
    """Prints to stdout, or to stderr what is said aside."""
    console = Console(stderr=aside, markup=False, emoji=False, highlight=False)
    with console.capture() as shown:
        console.print(what)
    # Tables fill their lines with spaces, which are in the way where the text is copied.
    click.echo("\n".join(line.rstrip() for line in shown.get().splitlines()), err=aside)


def say(sentence: str) -> None:
    """A line on stderr, beside the result."""
    click.echo(printable(sentence), err=True)


def put_json(message: Message, *, without: Iterable[str] = (), one_line: bool = False) -> None:
    """The message as a JSON document on stdout, with the fields that are false or empty, but not those named."""
    document = MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    for name in without:
        document.pop(name, None)
    click.echo(json.dumps(document, indent=None if one_line else 2))


def rows(pairs: Iterable[Row]) -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(name), Text(value))
    return table


def listing(titles: Iterable[str], lines: Iterable[Iterable[str]]) -> Table:
    table = Table(*titles, box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.columns[0].no_wrap = True  # An id that is broken cannot be copied.
    for line in lines:
        table.add_row(*map(Text, line))
    return table


def verdict(found: credential_pb2.Verdict) -> Table:
    table = Table("Check", "Outcome", "Why", box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for check in found.checks:
        outcome = _OUTCOMES.get(check.outcome, Text("?"))
        table.add_row(Text(printable(check.name)), outcome, Text(printable(check.detail)))
    return table


def conclusion(found: credential_pb2.Verdict) -> str:
    if found.accepted:
        return "Verified and accepted."
    failed = next((check for check in found.checks if check.outcome != credential_pb2.CHECK_OUTCOME_PASS), None)
    why = printable(f"{failed.name}: {failed.detail}") if failed else "nothing was checked"
    return f"Verified, but not accepted ({why})." if found.verified else f"NOT verified ({why})."
