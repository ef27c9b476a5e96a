"""What every command that makes a message has in common: the text to stdout, the picture where it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from client.failures import printable
from client.options import global_options, globals_of, request_id_option
from client.pictures import Picture, PictureTarget
from client.printing import put_json, say
from client.wording import standing
from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb

_FORMATS = {"compact": message_pb2.TEXT_FORMAT_COMPACT, "classic": message_pb2.TEXT_FORMAT_CLASSIC}

Made = (
    pb.RequestPaymentResponse
    | pb.ClaimPaymentResponse
    | pb.AcknowledgePaymentResponse
    | pb.RejectClaimResponse
    | pb.CancelRequestResponse
)


@dataclass(frozen=True, slots=True)
class Writing:
    """How the message is to be written, and where its picture is to go."""

    format: message_pb2.TextFormat.ValueType
    picture: Picture | None

    @property
    def qr_format(self) -> message_pb2.QrFormat.ValueType:
        return self.picture.format if self.picture else message_pb2.QR_FORMAT_UNSPECIFIED


def making_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `how` and `request_id`, and the global options."""

    @wraps(function)
    def with_writing(*args: Any, picture: Picture | None, text_format: str, **more: Any) -> Any:
        return function(*args, how=Writing(_FORMATS[text_format], picture), **more)

    picture = click.option(
        "--qr",
        "picture",
        type=PictureTarget(),
        metavar="FILE.png|FILE.svg|-",
        help="Write the message as a QR code too, or draw it in the terminal.",
    )
    text_format = click.option(
        "--format",
        "text_format",
        type=click.Choice(list(_FORMATS)),
        default="compact",
        help="How to write the text: short, or as JSON, zlib and Base64.  [default: compact]",
    )
    return text_format(picture(request_id_option(global_options(with_writing))))


def deliver(context: click.Context, made: Made, how: Writing, *, without: Iterable[str] = ()) -> None:
    """The text comes before the picture, so that a file that cannot be written loses nothing."""
    if globals_of(context).json:
        put_json(made, without=without)
    else:
        say(f"Session {made.session.id}: {standing(made.session)}")
        if made.format != how.format:
            say("The message does not fit the short form, so it is written in the long one.")
        click.echo(printable(made.text))
    if how.picture:
        how.picture.put(made.qr_image)
