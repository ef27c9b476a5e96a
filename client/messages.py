"""`counterfoil decode` and `qr`: messages, whoever made them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from client.failures import Refused, Unusable
from client.operations import operations_of
from client.options import global_options, globals_of, wallet_option
from client.pictures import fitting, write
from client.printing import conclusion, put_json, rows, show, verdict
from client.reading import Source, SourceArgument
from client.wording import message_rows, unsigned_rows
from counterfoil.payments.v1 import payments_service_pb2 as pb


@click.command()
@click.argument("source", metavar="TEXT|FILE|-", type=SourceArgument())
@click.option("--accepted", "all_checks", is_flag=True, help="Exit with 1 unless every check passes.")
@wallet_option
@global_options
@click.pass_context
def decode(context: click.Context, source: Source, all_checks: bool) -> None:
    """Read a message and check it.

    The message is given as its text, as a file with the text or a picture of its QR code, or as - for stdin.

    \b
    counterfoil decode photo.jpg
    counterfoil decode 'eNq1Uk1v...'
    pbpaste | counterfoil decode -

    Exits with 1 when the signature does not hold, of a dossier any of them. A message can be verified and still not be
    accepted: signed by a stranger, or past its time.
    """
    read = operations_of(context).decode_message(source)
    if globals_of(context).json:
        put_json(read)
    else:
        conversation: Sequence[pb.DecodeMessageResponse | pb.DossierMessage] = read.dossier or [read]
        for number, each in enumerate(conversation):
            click.echo("\n" * min(number, 2), nl=False)
            _show(each, read.unsigned_fields)
    verdicts = [each.verdict for each in read.dossier] or [read.verdict]
    if not all(each.accepted if all_checks else each.verified for each in verdicts):
        context.exit(1)


def _show(read: pb.DecodeMessageResponse | pb.DossierMessage, unsigned_fields: str) -> None:
    show(rows(message_rows(read.message) if read.HasField("message") else unsigned_rows(unsigned_fields)))
    click.echo()
    show(verdict(read.verdict))
    click.echo()
    click.echo(conclusion(read.verdict))


@click.command()
@click.argument("source", metavar="TEXT|FILE|-", type=SourceArgument())
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Write a PNG picture.")
@click.option("--svg", type=click.Path(path_type=Path), metavar="FILE", help="Write an SVG picture.")
@click.pass_context
def qr(context: click.Context, source: Source, png: Path | None, svg: Path | None) -> None:
    """Draw a message as a QR code, in the terminal or to files. Asks no server.

    The message is given as its text, as a file with the text, or as - to read it from stdin.
    """
    try:
        from services.codec import pasted
        from services.codec.domain import QrFormat
        from services.codec.qr_drawing import draw
        from services.runtime.refusals import Refusal
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    if isinstance(source, bytes):
        raise Unusable("this is a picture already; give the text of a message")
    try:
        text = pasted.read(source).text
        if png:
            write(png, draw(text, QrFormat.PNG))
        if svg:
            write(svg, draw(text, QrFormat.SVG))
        if not (png or svg):
            drawing = draw(text, QrFormat.TERMINAL).decode()
            click.echo(fitting(drawing, shutil.get_terminal_size().columns), nl=False)
    except Refusal as refusal:
        raise Refused(f"{refusal.message} [{refusal.reason}]") from None
