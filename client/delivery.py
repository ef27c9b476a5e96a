"""What every command that makes a message has in common: the text to stdout, the picture where it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from client.failures import printable
from client.options import global_options, globals_of, request_id_option
from client.pictures import Picture, PictureTarget
from client.printing import put_json, say
from client.wording import standing
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb

F = TypeVar("F", bound=Callable[..., Any])

Made = (
    pb.RequestPaymentResponse
    | pb.ClaimPaymentResponse
    | pb.AcknowledgePaymentResponse
    | pb.RejectClaimResponse
    | pb.CancelRequestResponse
)


def making_options(function: F) -> F:
    """Adds `picture` and `request_id`, and the global options."""
    picture = click.option(
        "--qr",
        "picture",
        type=PictureTarget(),
        metavar="FILE.png|FILE.svg|-",
        help="Write the message as a QR code too, or draw it in the terminal.",
    )
    return picture(request_id_option(global_options(function)))


def qr_format(picture: Picture | None) -> message_pb2.QrFormat.ValueType:
    return picture.format if picture else message_pb2.QR_FORMAT_UNSPECIFIED


def deliver(context: click.Context, made: Made, picture: Picture | None, *, without: Iterable[str] = ()) -> None:
    """The text comes before the picture, so that a file that cannot be written loses nothing."""
    if globals_of(context).json:
        put_json(made, without=without)
    else:
        say(f"Session {made.session.id}: {standing(made.session)}")
        click.echo(printable(made.text))
    if picture:
        picture.put(made.qr_image)
