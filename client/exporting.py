"""`counterfoil export`: a conversation for somebody else to check."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click

from client.connection import gateway_of
from client.failures import Unusable, printable
from client.operations import wallet_of
from client.options import SessionId, global_options, globals_of, wallet_option
from client.pictures import Picture, PictureTarget, write
from client.printing import put_json, say
from counterfoil.messages.v1.message_pb2 import MessageKind, QrFormat
from counterfoil.payments.v1 import payments_service_pb2 as pb


@click.command()
@click.argument("session_id", metavar="SESSION", type=SessionId())
@click.option("--claim", "claim_id", metavar="CLAIM", type=SessionId(), help="With this claim and no other.")
@click.option("--message", "message_id", metavar="ID", type=SessionId(), help="One message alone, as its text again.")
@click.option(
    "--credentials",
    "directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Every message as a W3C credential, each in a file of its own, in a new directory.",
)
@click.option("--contradictions", is_flag=True, help="What a party contradicts itself in, with both credentials.")
@click.option(
    "--qr",
    "picture",
    type=PictureTarget(),
    metavar="FILE.png|FILE.svg|-",
    help="Draw the text as a QR code too.",
)
@wallet_option
@global_options
@click.pass_context
def export(
    context: click.Context,
    session_id: str,
    claim_id: str | None,
    message_id: str | None,
    directory: Path | None,
    contradictions: bool,
    picture: Picture | None,
) -> None:
    """Write a conversation for somebody else to check, as one text: a dossier.

    One text holds up to 16 messages: of a longer conversation, take one --claim, or the --credentials. Of a wallet it
    takes no passphrase; --message and --contradictions are for wallets.

    \b
    counterfoil export SESSION --qr dossier.png
    counterfoil export SESSION --credentials evidence
    counterfoil export SESSION --contradictions > proof.json
    """
    if sum(map(bool, (claim_id, message_id, directory, contradictions))) > 1:
        raise click.UsageError("give one of --claim, --message, --credentials and --contradictions", context)
    if globals_of(context).wallet is None:
        if message_id or contradictions:
            raise click.UsageError("--message and --contradictions take a --wallet", context)
        _export_from_gateway(context, session_id, claim_id, directory, picture)
        return
    local = wallet_of(context)
    from client.wallet import showing, writing

    found, kept = local.conversation(UUID(session_id)), local.file.messages(UUID(session_id))
    if directory:
        _write_each(directory, writing.files(kept))
    elif contradictions:
        click.echo(json.dumps(showing.contradictions(found, kept), indent=2))
    else:
        text = writing.text_of(kept, message_id) if message_id else writing.dossier(found, kept, claim_id)
        click.echo(text)
        if picture:
            picture.put(writing.drawn(text, picture.format))


def _export_from_gateway(
    context: click.Context, session_id: str, claim_id: str | None, directory: Path | None, picture: Picture | None
) -> None:
    gateway = gateway_of(context)
    if directory:
        found = gateway.get_session(session_id).credentials
        kinds = (MessageKind.Name(each.kind).removeprefix("MESSAGE_KIND_").lower() for each in found)
        names = (f"{number:02}-{kind}.json" for number, kind in enumerate(kinds, 1))
        credentials = (json.dumps(json.loads(each.json), indent=2) + "\n" for each in found)
        _write_each(directory, dict(zip(names, credentials, strict=True)))
        return
    request = pb.ExportSessionRequest(
        session_id=session_id,
        claim_id=claim_id or "",
        qr_format=picture.format if picture else QrFormat.QR_FORMAT_UNSPECIFIED,
    )
    made = gateway.call(gateway.payments.ExportSession, request)
    if globals_of(context).json:
        put_json(made)
    else:
        click.echo(printable(made.text))
    if picture:
        picture.put(made.qr_image)


def _write_each(directory: Path, files: dict[str, str]) -> None:
    try:
        directory.mkdir(mode=0o700)
    except OSError as error:
        raise Unusable.file(str(directory), error) from None
    for name, content in files.items():
        write(directory / name, content.encode())
    say(f"{len(files)} credentials: {directory}")
