"""`counterfoil.codec.v1.CodecService`: translates between protobuf and the use cases."""

from __future__ import annotations

from typing import Any, TypeVar

from counterfoil.codec.v1 import codec_service_pb2 as pb
from counterfoil.codec.v1 import codec_service_pb2_grpc as pb_grpc
from counterfoil.messages.v1 import message_pb2
from services.codec.domain import QrFormat, TextFormat
from services.codec.usecases import Codec
from services.messages.protobuf import to_message
from services.messages.refusals import InvalidField

T = TypeVar("T")

_TEXT_FORMATS = {
    message_pb2.TEXT_FORMAT_UNSPECIFIED: TextFormat.COMPACT,
    message_pb2.TEXT_FORMAT_CLASSIC: TextFormat.CLASSIC,
    message_pb2.TEXT_FORMAT_COMPACT: TextFormat.COMPACT,
}
_TO_FORMAT = {
    TextFormat.CLASSIC: message_pb2.TEXT_FORMAT_CLASSIC,
    TextFormat.COMPACT: message_pb2.TEXT_FORMAT_COMPACT,
}
_QR_FORMATS = {
    message_pb2.QR_FORMAT_UNSPECIFIED: None,
    message_pb2.QR_FORMAT_PNG: QrFormat.PNG,
    message_pb2.QR_FORMAT_SVG: QrFormat.SVG,
    message_pb2.QR_FORMAT_TERMINAL: QrFormat.TERMINAL,
}


class CodecServicer(pb_grpc.CodecServiceServicer):
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    async def EncodeMessage(self, request: pb.EncodeMessageRequest, context: Any) -> pb.EncodeMessageResponse:
        written = await self._codec.encode(
            request.credential,
            _known(_TEXT_FORMATS, request.format, "format"),
            _known(_QR_FORMATS, request.qr_format, "qr_format"),
        )
        return pb.EncodeMessageResponse(text=written.text, qr_image=written.image, format=_TO_FORMAT[written.format])

    async def EncodeDossier(self, request: pb.EncodeDossierRequest, context: Any) -> pb.EncodeDossierResponse:
        qr_format = _known(_QR_FORMATS, request.qr_format, "qr_format")
        written = await self._codec.encode_dossier(request.credentials, qr_format)
        return pb.EncodeDossierResponse(text=written.text, qr_image=written.image, format=_TO_FORMAT[written.format])

    async def DecodeMessage(self, request: pb.DecodeMessageRequest, context: Any) -> pb.DecodeMessageResponse:
        match request.WhichOneof("source"):
            case "text":
                reading = self._codec.decode_text(request.text)
            case "image":
                reading = await self._codec.decode_image(request.image)
            case _:
                raise InvalidField("source: missing; give a text or an image", field="source")
        return pb.DecodeMessageResponse(
            format=_TO_FORMAT[reading.format],
            text=reading.text,
            message=to_message(reading.message) if reading.message else None,
            credential=reading.credential,
            unsigned_fields=reading.unsigned_fields,
            dossier=reading.dossier,
        )

    async def DrawQr(self, request: pb.DrawQrRequest, context: Any) -> pb.DrawQrResponse:
        qr_format = _known(_QR_FORMATS, request.format, "format") or QrFormat.PNG
        return pb.DrawQrResponse(image=await self._codec.draw(request.text, qr_format))


def _known(meanings: dict[Any, T], number: int, field: str) -> T:
    if number not in meanings:
        raise InvalidField(f"{field}: {number} has no meaning; use a value of the enum", field=field)
    return meanings[number]
