"""How a caller wants a message written, checked before anything is recorded: a refusal leaves no trace."""

from __future__ import annotations

from typing import Protocol

from counterfoil.messages.v1 import message_pb2
from services.messages.refusals import InvalidField

_TEXT_FORMATS = set(message_pb2.TextFormat.values())
_QR_FORMATS = set(message_pb2.QrFormat.values())


class Drawing(Protocol):
    """Part of every request that may ask for a picture."""

    @property
    def qr_format(self) -> message_pb2.QrFormat.ValueType: ...


class Writing(Drawing, Protocol):
    """Part of every request that makes a message."""

    @property
    def format(self) -> message_pb2.TextFormat.ValueType: ...


def check_writing(request: Writing) -> None:
    if request.format not in _TEXT_FORMATS:
        raise InvalidField(
            f"format: {request.format} has no meaning; use COMPACT or CLASSIC, or leave it out", field="format"
        )
    check_qr_format(request)


def check_qr_format(request: Drawing) -> None:
    if request.qr_format not in _QR_FORMATS:
        raise InvalidField(
            f"qr_format: {request.qr_format} has no meaning; use PNG, SVG or TERMINAL, or leave it out for no picture",
            field="qr_format",
        )
