"""The `counterfoil` command."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import click

from client.command_group import CommandGroup
from client.failures import EXIT_CODES
from client.options import global_options

SECTIONS = {
    "As the payee": {
        "request": (".asking", "Ask for money."),
        "acknowledge": (".answering", "Confirm that the money of a claim arrived."),
        "reject": (".answering", "Say that a claim is not true."),
        "cancel": (".answering", "Withdraw a request."),
    },
    "As the payer": {
        "claim": (".claiming", "Say that you have paid."),
    },
    "As anybody": {
        "decode": (".messages", "Read a message and check it."),
        "qr": (".messages", "Draw a message as a QR code, without a server."),
        "credential": (".credentials", "Verify any credential, without a server; revoke one."),
        "did": (".dids", "Show what a DID stands for, without a server."),
        "submit": (".submitting", "Hand in a message that you signed yourself."),
        "session": (".sessions", "Show a request and everything said about it."),
        "export": (".exporting", "Write a conversation for somebody else to check."),
        "watch": (".sessions", "Show a session again whenever it changes."),
    },
    "With a key of your own": {
        "wallet": (".wallets", "Make a wallet, back it up; it needs no server."),
        "inbox": (".inbox", "Take in what others sent."),
    },
    "Running Counterfoil": {
        "demo": (".demo", "See two people settle a payment."),
        "serve": (".serving", "Run the server."),
        "sessions": (".sessions", "List all sessions, of a wallet or as the operator."),
        "archive": (".archiving", "Archive and delete sessions that ended long ago."),
        "migrate": (".migrating", "Bring the server's tables up to date, or back."),
        "key": (".keys", "List, rotate or revoke the server's keys, as the operator."),
    },
}

HELP = f"""Turns "I've paid" and "got it" into signed messages that anybody can check.

A payee sends a request, a payer answers with a claim, the payee answers with an acknowledgement: three texts or QR
codes for any chat. It moves no money.

\b
  counterfoil request 120 EUR --payee Ana --description "two chairs"
  counterfoil claim SESSION 120 --payer Ben --evidence "transfer 4711"
  counterfoil acknowledge TEXT

A command writes its result, such as the text to send, to stdout and all else to stderr.

{EXIT_CODES}
"""


@click.group(cls=CommandGroup, sections=SECTIONS, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="counterfoil", message="counterfoil %(version)s")
@global_options
def counterfoil() -> None:
    pass


def main() -> None:
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # What fails is said in a sentence of ours.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # A terminal that is not UTF-8 is no reason to fail.
    counterfoil.main(prog_name="counterfoil")
