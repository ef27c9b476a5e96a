"""`counterfoil demo`: a payment of 120.00 EUR in two parts, from the request to the last receipt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from client.failures import Unusable
from client.options import global_options, globals_of
from client.pictures import write
from client.sdk.gateway import Gateway
from client.stage import Stage


def play(stage: Stage, picture: Path) -> None:
    stage.scene("Ana asks Ben for 120.00 EUR")
    request = stage.request("Ana", "120.00", "two chairs")
    stage.say("Ana", request.text)
    stage.tell("or shows it as a QR code:")
    stage.draw(request.qr_image)
    stage.check("Ben", request.text)
    stage.show(request.session)

    stage.scene("Ben has sent 70.00 EUR, and says so")
    first = stage.claim("Ben", request.session.id, "70.00", "transfer 4711")
    stage.say("Ben", first.text)
    stage.check("Ana", first.text)
    stage.tell("A claim is only a claim: nothing counts as received until Ana says so.")
    stage.show(first.session)

    stage.scene("Ana finds 70.00 EUR in her account, and acknowledges them")
    receipt = stage.acknowledge(first.text, request.payee_token)
    stage.say("Ana", receipt.text)
    write(picture, receipt.qr_image)
    stage.tell(f"and the same as a picture, which is now in {picture}. From that file:")
    stage.check("Ben", picture.read_bytes())
    stage.show(receipt.session)

    stage.scene("Ben sends the other 50.00 EUR")
    second = stage.claim("Ben", request.session.id, "50.00", "transfer 4712")
    stage.say("Ben", second.text)
    stage.check("Ana", second.text)

    stage.scene("Ana acknowledges these too, and the request is settled")
    receipt = stage.acknowledge(second.text, request.payee_token)
    stage.say("Ana", receipt.text)
    stage.check("Ben", receipt.text)
    stage.show(receipt.session)

    stage.scene("Ana acknowledges the first claim once more, by mistake")
    stage.tell(f"Refused: {stage.acknowledge_in_vain(first.text, request.payee_token)}")


@click.command()
@click.option(
    "--png",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the picture that is written and read back.  [default: a file that is gone afterwards]",
)
@global_options
@click.pass_context
def demo(context: click.Context, png: Path | None) -> None:
    """See Ana and Ben settle 120.00 EUR in two parts: what they send each other, and what can be verified of it.

    Plays at the server that --server or COUNTERFOIL_SERVER names. Without one it runs a server of its own, whose data
    are gone afterwards.
    """
    wanted = globals_of(context)
    with (
        TemporaryDirectory(prefix="counterfoil-demo-") as directory,
        _server(wanted.server if wanted.server_named else None) as server,
        Gateway(server, timeout_seconds=wanted.timeout) as gateway,
    ):
        play(Stage(gateway), png or Path(directory) / "acknowledgement.png")


@contextmanager
def _server(named: str | None) -> Iterator[str]:
    if named:
        yield named
        return
    try:
        from client.own_server import own_server
        from services.runtime.settings import BadSetting
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    try:
        with own_server() as address:
            yield address
    except BadSetting as error:
        raise Unusable(str(error)) from None
