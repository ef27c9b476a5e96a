"""What the codec does, whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.codec import armour, classic, compact, dossier, pasted, qr_drawing
from services.codec.domain import (
    IMAGE_BYTES_MAX,
    ForeignQrCode,
    ImageTooLarge,
    NoDossier,
    NoQrCode,
    QrFormat,
    Reading,
    SeveralQrCodes,
    TextFormat,
    Writing,
)
from services.codec.signed import DoesNotFit
from services.messages.canonical import read_json
from services.messages.refusals import InvalidField

# More than one text holds, whatever they say.
_DOSSIER_MESSAGES_MAX = 16


class PictureReader(Protocol):
    async def texts_in(self, image: bytes) -> list[str]:
        """The distinct texts of the QR codes in a file. Raises ImageTooLarge or ImageUnreadable."""


@dataclass(frozen=True, slots=True)
class Codec:
    pictures: PictureReader

    async def encode(self, credential: str, format: TextFormat, qr_format: QrFormat | None) -> Writing:
        """The text of a credential, and its picture when one is asked for."""
        written, text = _write(credential, format)
        return Writing(written, text, await self.draw(text, qr_format) if qr_format else b"")

    async def encode_dossier(self, credentials: Sequence[str], qr_format: QrFormat | None) -> Writing:
        """The text of a whole conversation. Raises NoDossier."""
        if len(credentials) > _DOSSIER_MESSAGES_MAX:
            raise NoDossier
        try:
            text = armour.wrap(dossier.pack([read_json(each) for each in credentials]))
        except DoesNotFit:
            raise NoDossier from None
        return Writing(TextFormat.COMPACT, text, await self.draw(text, qr_format) if qr_format else b"")

    def decode_text(self, text: str) -> Reading:
        return pasted.read(text)

    async def decode_image(self, image: bytes) -> Reading:
        """Reads the message in the one QR code that a picture shows."""
        if len(image) > IMAGE_BYTES_MAX:
            raise ImageTooLarge
        texts = await self.pictures.texts_in(image)
        if not texts:
            raise NoQrCode
        if len(texts) > 1:
            raise SeveralQrCodes
        if not pasted.may_be_message(texts[0]):
            raise ForeignQrCode
        return pasted.read(texts[0])

    async def draw(self, text: str, format: QrFormat) -> bytes:
        if not text:
            raise InvalidField("text: empty; give the text to draw", field="text")
        return await asyncio.to_thread(qr_drawing.draw, text, format)


def _write(credential: str, format: TextFormat) -> tuple[TextFormat, str]:
    if format is TextFormat.COMPACT:
        vc = read_json(credential)
        try:
            return TextFormat.COMPACT, armour.wrap(compact.pack(vc))
        except DoesNotFit:
            pass
    return TextFormat.CLASSIC, classic.write(credential)
