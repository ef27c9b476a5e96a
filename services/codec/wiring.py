"""Makes everything the codec consists of, once."""

from __future__ import annotations

import asyncio

from counterfoil.codec.v1.codec_service_pb2_grpc import add_CodecServiceServicer_to_server
from services.codec.drawing_process import DrawingProcess
from services.codec.picture_readers import PictureReaders
from services.codec.servicer import CodecServicer
from services.codec.usecases import Codec
from services.runtime.service import Service
from services.runtime.settings import Settings


async def build(settings: Settings, channels: object) -> Service:
    """The codec needs no settings and asks no other service."""
    pictures = PictureReaders()
    pictures.warm_up()
    drawing = DrawingProcess()
    servicer = CodecServicer(Codec(pictures, drawing.draw))

    async def close() -> None:
        await asyncio.gather(pictures.close(), drawing.close())

    return Service(lambda server: add_CodecServiceServicer_to_server(servicer, server), close)
