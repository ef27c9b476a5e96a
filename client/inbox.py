"""`counterfoil inbox`: what others sent, on its way into the wallet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from client.failures import Unusable
from client.operations import wallet_of
from client.options import globals_of, json_option, wallet_option
from client.printing import rows, say, show
from client.reading import Source, SourceArgument

if TYPE_CHECKING:
    from services.credentials.methods import Methods


@click.group()
def inbox() -> None:
    """Take in what others sent."""


@inbox.command()
@click.argument("sources", metavar="TEXT|FILE|-...", type=SourceArgument(), nargs=-1, required=True)
@click.option(
    "--pinned",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A directory with DID documents (*.json): the keys of services that are a did:web.",
)
@wallet_option
@json_option
@click.pass_context
def add(context: click.Context, sources: tuple[Source, ...], pinned: Path | None) -> None:
    """Keep the messages in a text, a picture of a QR code, or a whole chat, in any order and as often as you like.

    \b
    counterfoil inbox add photo.jpg
    pbpaste | counterfoil inbox add -

    A message goes in when its signature holds and is that of its issuer; every other is refused, and says which check
    failed. Ends with 1 when one was.
    """
    local = wallet_of(context)
    from client.wallet import showing
    from client.wallet.taking import take

    taken = take(local.wallet, sources, _methods(pinned) if pinned else None)
    touched = dict.fromkeys(recorded.message.session_id for recorded, _ in taken.messages)
    conversations = [local.wallet.conversation(each) for each in touched]
    if globals_of(context).json:
        click.echo(json.dumps(showing.taken_to_json(taken, conversations, local.file), indent=2))
    else:
        for recorded, new in taken.messages:
            click.echo(f"{'new' if new else 'known already'}: {showing.said(recorded)}")
        for each in taken.refused:
            say(f"refused: {each.sentence} [{each.reason}]")
        for conversation in conversations:
            for sentence in showing.summary(conversation):
                say(sentence)
            if conversation.equivocations:
                show(rows(showing.contradiction_rows(conversation)), aside=True)
    if taken.refused:
        context.exit(1)


def _methods(pinned: Path) -> Methods:
    from client.sdk.verifying import pinned_methods
    from services.runtime.settings import BadSetting

    try:
        return pinned_methods(pinned, datetime.now(UTC))
    except BadSetting as flaw:
        raise Unusable(str(flaw).replace("COUNTERFOIL_PINNED_DIDS", "--pinned")) from None
