"""`counterfoil key`: what the service signs with, as the operator of the server."""

from __future__ import annotations

import click
from google.protobuf.timestamp_pb2 import Timestamp

from client.connection import gateway_of
from client.failures import printable
from client.operating import operator_token_option
from client.options import global_options, globals_of
from client.printing import put_json, say
from client.wording import when
from counterfoil.credentials.v1 import credential_pb2
from counterfoil.operator.v1 import operator_service_pb2 as pb

SUITES = ("eddsa-jcs-2022", "ecdsa-jcs-2019", "ecdsa-jcs-2019/P-384")


@click.group()
def key() -> None:
    """Look after the keys that the server signs with."""


@key.command("list")
@operator_token_option
@global_options
@click.pass_context
def list_keys(context: click.Context, operator_token: str) -> None:
    """List all keys that ever were, newest first.

    A line is a key: its state, since when, its kind, and its name, which `key revoke` takes.
    """
    gateway = gateway_of(context)
    listed = gateway.call(gateway.operator.ListKeys, pb.ListKeysRequest(operator_token=operator_token))
    if globals_of(context).json:
        put_json(listed)
        return
    for each in listed.keys:
        click.echo(f"{_state(each):8} {when(_since(each))}  {printable(each.cryptosuite):20}  {_name(each)}")


@key.command()
@click.option("--suite", type=click.Choice(SUITES), help="The kind of the new key.  [default: as the server is set]")
@operator_token_option
@global_options
@click.pass_context
def rotate(context: click.Context, operator_token: str, suite: str | None) -> None:
    """Make a new key, with which the server signs from now on.

    The one before is retired: what it signed still holds. Writes the new key's name to stdout.
    """
    gateway = gateway_of(context)
    listed = gateway.call(gateway.operator.ListKeys, pb.ListKeysRequest(operator_token=operator_token))
    # Naming it makes a second try harmless when the first one's answer was lost.
    current = next((each for each in listed.keys if each.state == credential_pb2.KEY_STATE_CURRENT), None)
    request = pb.RotateKeyRequest(operator_token=operator_token, cryptosuite=suite or "")
    if current:
        request.replaces = current.verification_method
    rotated = gateway.call(gateway.operator.RotateKey, request)
    if globals_of(context).json:
        put_json(rotated)
    else:
        if current:
            say(f"Retired: {current.verification_method}")
        click.echo(_name(rotated.key))


@key.command()
@click.argument("name", metavar="KEY")
@click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")
@operator_token_option
@global_options
@click.pass_context
def revoke(context: click.Context, operator_token: str, name: str, yes: bool) -> None:
    """Revoke a key that is, or may be, in other hands.

    Whatever it signed, whenever, is no longer verified; this cannot be undone. When it is current, a new key takes its
    place. KEY is its name, as `key list` shows it.
    """
    if not yes:
        click.confirm("Everything that this key has signed becomes void, for good. Go on?", abort=True, err=True)
    gateway = gateway_of(context)
    revoked = gateway.call(
        gateway.operator.RevokeKey, pb.RevokeKeyRequest(operator_token=operator_token, verification_method=name)
    )
    if globals_of(context).json:
        put_json(revoked)
    else:
        say(f"Revoked: {revoked.key.verification_method}")


def _name(key: credential_pb2.IssuerKey) -> str:
    return printable(key.verification_method)


def _state(key: credential_pb2.IssuerKey) -> str:
    return credential_pb2.KeyState.Name(key.state).removeprefix("KEY_STATE_").lower()


def _since(key: credential_pb2.IssuerKey) -> Timestamp:
    match key.state:
        case credential_pb2.KEY_STATE_REVOKED:
            return key.revoke_time
        case credential_pb2.KEY_STATE_RETIRED:
            return key.retire_time
    return key.create_time
