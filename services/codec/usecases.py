"""What the codec does, whoever asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.codec import armour, classic, compact, dossier, pasted
from services.codec.domain import (
    IMAGE_BYTES_MAX,
    ImageTooLarge,
    NoDossier,
    QrFormat,
    Reading,
    TextFormat,
    Writing,
)
from services.codec.signed import DoesNotFit
from services.messages import secured
from services.messages.canonical import read_json
from services.messages.recent import Recent
from services.messages.refusals import InvalidField

# More than one text holds, whatever they say.
_DOSSIER_MESSAGES_MAX = 16
# What a party is given comes back, as it was, from the other.
_WRITTEN: Recent[str, Reading] = Recent(1000)


class PictureReader(Protocol):
    async def texts_in(self, image: bytes) -> list[str]:
        """The distinct texts of the QR codes in a file. Raises ImageTooLarge or ImageUnreadable."""


@dataclass(frozen=True, slots=True)
class Codec:
    pictures: PictureReader
    # Makes a QR code of a text that is not empty. Raises TooLongForQr.
    drawn: Callable[[str, QrFormat], Awaitable[bytes]]

    async def encode(self, credential: str, format: TextFormat, qr_format: QrFormat | None) -> Writing:
        """The text of a credential, and its picture when one is asked for."""
        written, text = write(credential, format)
        return Writing(written, text, await self.draw(text, qr_format) if qr_format else b"")

    async def encode_dossier(self, credentials: Sequence[str], qr_format: QrFormat | None) -> Writing:
        """The text of a whole conversation. Raises NoDossier."""
        text = write_dossier(credentials)
        return Writing(TextFormat.COMPACT, text, await self.draw(text, qr_format) if qr_format else b"")

    def decode_text(self, text: str) -> Reading:
        return _WRITTEN.get(text) or pasted.read(text)

    async def decode_image(self, image: bytes) -> Reading:
        """Reads the message in the one QR code that a picture shows."""
        if len(image) > IMAGE_BYTES_MAX:
            raise ImageTooLarge
        texts = await self.pictures.texts_in(image)
        return pasted.read(pasted.in_picture(texts))

    async def draw(self, text: str, format: QrFormat) -> bytes:
        if not text:
            raise InvalidField("text: empty; give the text to draw", field="text")
        return await self.drawn(text, format)


def write(credential: str, format: TextFormat) -> tuple[TextFormat, str]:
    """The text of a credential in that format, or in CLASSIC, which holds all."""
    if format is TextFormat.COMPACT:
        made = secured.known(credential)
        try:
            if made is None:
                return TextFormat.COMPACT, armour.wrap(compact.pack(read_json(credential)))
            text = armour.wrap(compact.pack_made(made))
            _WRITTEN.put(text, Reading(TextFormat.COMPACT, text, made.message, credential))
            return TextFormat.COMPACT, text
        except DoesNotFit:
            pass
    return TextFormat.CLASSIC, classic.write(credential)


def write_dossier(credentials: Sequence[str]) -> str:
    """Raises NoDossier."""
    if len(credentials) > _DOSSIER_MESSAGES_MAX:
        raise NoDossier
    try:
        return armour.wrap(dossier.pack([read_json(each) for each in credentials]))
    except DoesNotFit:
        raise NoDossier from None
