"""Pictures as people send them."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from services.codec import classic, qr_drawing
from services.codec.domain import QrFormat
from tests.messages_strategies import a_credential, a_message, a_request, as_json

TEXT = classic.write(as_json(a_credential(a_message(a_request()))))


def qr(text: str = TEXT) -> Image.Image:
    return Image.open(BytesIO(qr_drawing.draw(text, QrFormat.PNG)))


def png(picture: Image.Image, **options: Any) -> bytes:
    return _file(picture, "PNG", **options)


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    return _file(picture, "JPEG", **options)


def screenshot(*codes: Image.Image) -> Image.Image:
    """A chat on a phone, 1080x2400: lines of text, and codes 900 pixels wide or narrower where there are several."""
    picture = Image.new("RGB", (1080, 2400), (230, 221, 212))
    pen, chance = ImageDraw.Draw(picture), random.Random(5)
    for line in range(20, 2400, 30):
        words = "".join(chance.choices("abcdefghij klmnop", k=150))
        pen.text((20, line), words, fill=(60, 60, 60))
    width = 900 // max(1, len(codes))
    for place, code in enumerate(codes):
        picture.paste(code.convert("RGB").resize((width, width)), (90 + place * width, 800))
    return picture


def slow() -> bytes:
    """A photo of noise, just small enough to be opened, that takes every reader its time and holds no code."""
    return jpeg(Image.effect_noise((4000, 4000), 60), quality=30)


def hostile() -> bytes:
    """Forty thousand corners of QR codes, which the readers try to fit together for seconds."""
    corner = Image.new("1", (9, 9), 1)
    pen = ImageDraw.Draw(corner)
    for distance, colour in enumerate((0, 1, 0)):
        pen.rectangle((1 + distance, 1 + distance, 7 - distance, 7 - distance), fill=colour)
    picture = Image.new("1", (1800, 1800), 1)
    for place in range(200 * 200):
        picture.paste(corner, (place % 200 * 9, place // 200 * 9))
    return png(picture.resize((3600, 3600)))


def _file(picture: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()
