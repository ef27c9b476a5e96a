"""`counterfoil demo`: a payment of 120.00 EUR in two parts, from the request to the last receipt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from client.connection import connect
from client.failures import Unusable
from client.options import global_options, globals_of
from client.pictures import write
from client.stage import Stage

if TYPE_CHECKING:
    from client.wallet.servicer import LocalWallet


def play(stage: Stage, picture: Path) -> None:
    stage.scene("Ana asks Ben for 120.00 EUR")
    request = stage.request("Ana", "120.00", "two chairs")
    heard = stage.say("Ana", request.text)
    stage.tell("or shows it as a QR code:")
    stage.draw(request.qr_image)
    stage.payer_reads("Ben", heard)
    stage.show(request.session)

    stage.scene("Ben has sent 70.00 EUR, and says so")
    first = stage.claim("Ben", request.session.id, "70.00", "transfer 4711")
    paid = stage.say("Ben", first.text)
    stage.payee_reads("Ana", paid)
    stage.tell("A claim is only a claim: nothing counts as received until Ana says so.")
    stage.show(first.session)

    stage.scene("Ana finds 70.00 EUR in her account, and acknowledges them")
    receipt = stage.acknowledge(paid, request.payee_token)
    stage.say("Ana", receipt.text)
    write(picture, receipt.qr_image)
    stage.tell(f"and the same as a picture, which is now in {picture}. From that file:")
    stage.payer_reads("Ben", picture.read_bytes())
    stage.show(receipt.session)

    stage.scene("Ben sends the other 50.00 EUR")
    second = stage.claim("Ben", request.session.id, "50.00", "transfer 4712")
    heard = stage.say("Ben", second.text)
    stage.payee_reads("Ana", heard)

    stage.scene("Ana acknowledges these too, and the request is settled")
    receipt = stage.acknowledge(heard, request.payee_token)
    heard = stage.say("Ana", receipt.text)
    stage.payer_reads("Ben", heard)
    stage.show(receipt.session)

    stage.scene("Ana acknowledges the first claim once more, by mistake")
    stage.tell(f"Refused: {stage.acknowledge_in_vain(paid, request.payee_token)}")


@click.command()
@click.option(
    "--png",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the picture that is written and read back.  [default: a file that is gone afterwards]",
)
@click.option("--offline", is_flag=True, help="Without any server: both have a wallet, and files pass between them.")
@global_options
@click.pass_context
def demo(context: click.Context, png: Path | None, offline: bool) -> None:
    """See Ana and Ben settle 120.00 EUR in two parts: what they send each other, and what can be verified of it.

    Plays at the server that --server or COUNTERFOIL_SERVER names. Without one it runs a server of its own, or with
    --offline none at all. The data are gone afterwards.
    """
    wanted = globals_of(context)
    with TemporaryDirectory(prefix="counterfoil-demo-") as directory:
        picture = png or Path(directory) / "acknowledgement.png"
        if offline:
            with _wallet(Path(directory) / "ana.wallet") as ana, _wallet(Path(directory) / "ben.wallet") as ben:
                play(Stage(ana, ben, Path(directory)), picture)
            return
        with (
            _server(wanted.server if wanted.server_named else None) as server,
            connect(server, wanted.ca if wanted.server_named else None, wanted.timeout) as gateway,
        ):
            play(Stage(gateway, gateway), picture)


def _wallet(path: Path) -> LocalWallet:
    try:
        from client.wallet.keys import did_of, seal_key
        from client.wallet.phrase import generate, secret_of
        from client.wallet.servicer import LocalWallet
        from client.wallet.store import WalletFile
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    secret, passphrase = secret_of(generate()), token_urlsafe()
    WalletFile.create(path, did_of(secret), seal_key(secret, passphrase)).close()
    return LocalWallet(path, lambda: passphrase)


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
