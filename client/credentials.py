"""`counterfoil credential`: credentials of any kind, whoever issued them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from client.connection import gateway_of
from client.failures import Unusable
from client.operating import operator_token_option
from client.options import global_options, globals_of, json_option
from client.printing import conclusion, put_json, rows, say, show, verdict
from client.reading import Source, SourceArgument
from client.wording import message_rows
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyCredentialResponse, VerifyPresentationResponse
from counterfoil.operator.v1 import operator_service_pb2 as pb


@click.group()
def credential() -> None:
    """Verify any credential, without a server; revoke one of the server's."""


@credential.command()
@click.argument("source", metavar="FILE|-", type=SourceArgument())
@click.option("--trust", metavar="DID", multiple=True, help="Accept what this issuer signs; may be repeated.")
@click.option(
    "--pinned",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A directory with DID documents (*.json): the keys of issuers that are a did:web.",
)
@click.option("--any", "any_statement", is_flag=True, help="Take any credential, not only a Counterfoil message.")
@click.option("--challenge", metavar="TEXT", default="", help="Of a presentation: what its holder was asked to sign.")
@click.option("--domain", metavar="TEXT", default="", help="Of a presentation: whom its holder made it for.")
@click.option("--accepted", "all_checks", is_flag=True, help="Exit with 1 unless every check passes.")
@json_option
@click.pass_context
def verify(context: click.Context, /, source: Source, all_checks: bool, **how: Any) -> None:
    """Verify a credential or a presentation. Asks no server and fetches nothing.

    It is given as a file, or as - for stdin: JSON with its proof, a compact JWS (vc+jwt), a Counterfoil text, or a
    picture of its QR code.

    \b
    counterfoil credential verify receipt.json --trust did:key:z6Mk...
    counterfoil credential verify diploma.json --any

    Exits with 1 when it is not verified. What cannot be found out without asking somebody, such as whether it was
    revoked, is unknown, and keeps it from being accepted.
    """
    try:
        from client.sdk.failures import UnusablePins
        from client.verifying import verify_offline
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    try:
        found = verify_offline(source, **how)
    except UnusablePins as flaw:
        raise Unusable(f"--pinned: {flaw}") from None
    if globals_of(context).json:
        put_json(found)
    else:
        _put(found)
    if not (found.verdict.accepted if all_checks else found.verdict.verified):
        context.exit(1)


@credential.command()
@click.argument("credential_id", metavar="ID")
@operator_token_option
@global_options
@click.pass_context
def revoke(context: click.Context, operator_token: str, credential_id: str) -> None:
    """Declare a credential of the server's void, as its operator; this cannot be undone.

    ID is the id of the message that the credential signs, or the `id` of one that was issued over HTTP.
    """
    gateway = gateway_of(context)
    gateway.call(
        gateway.operator.RevokeCredential,
        pb.RevokeCredentialRequest(operator_token=operator_token, credential_id=credential_id),
    )
    say(f"Revoked: {credential_id}")


def _put(found: VerifyCredentialResponse | VerifyPresentationResponse) -> None:
    if isinstance(found, VerifyCredentialResponse) and found.HasField("message"):
        show(rows(message_rows(found.message)))
        click.echo()
    show(verdict(found.verdict))
    if isinstance(found, VerifyPresentationResponse):
        for number, each in enumerate(found.credentials, 1):
            click.echo(f"\nCredential {number}\n")
            show(verdict(each))
    click.echo()
    click.echo(conclusion(found.verdict))
