"""The messages in a text or a picture from a stranger. A picture is opened in a process of its own, with few rights."""

from __future__ import annotations

from client.reading import Source
from services.codec import pasted
from services.codec.domain import IMAGE_BYTES_MAX, ImageTooLarge, Reading
from services.codec.dump import Found, read_all


def read_one(source: Source) -> Reading:
    """The one message in it. Raises a Refusal."""
    return pasted.read(_text(source))


def read_every(source: Source) -> list[Found]:
    """The messages in a text, or the one in a picture. Raises a Refusal for what is too large, or no picture."""
    return read_all(_text(source))


def _text(source: Source) -> str:
    return source if isinstance(source, str) else _text_in_picture(source)


def _text_in_picture(image: bytes) -> str:
    from services.codec.reading_process import texts_in

    if len(image) > IMAGE_BYTES_MAX:
        raise ImageTooLarge
    return pasted.in_picture(texts_in(image))
