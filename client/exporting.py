"""`counterfoil export`: a conversation of the wallet's, for somebody else to check."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click

from client.failures import Unusable
from client.operations import wallet_of
from client.options import SessionId, wallet_option
from client.pictures import Picture, PictureTarget, write
from client.printing import say


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
    """Write a conversation for somebody else to check, as one text: a dossier. It takes no passphrase.

    \b
    counterfoil export SESSION --qr dossier.png
    counterfoil export SESSION --credentials evidence
    counterfoil export SESSION --contradictions > proof.json
    """
    if sum(map(bool, (claim_id, message_id, directory, contradictions))) > 1:
        raise click.UsageError("give one of --claim, --message, --credentials and --contradictions", context)
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


def _write_each(directory: Path, files: dict[str, str]) -> None:
    try:
        directory.mkdir(mode=0o700)
    except OSError as error:
        raise Unusable.file(str(directory), error) from None
    for name, content in files.items():
        write(directory / name, content.encode())
    say(f"{len(files)} credentials: {directory}")
