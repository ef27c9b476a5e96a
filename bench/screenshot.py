"""A picture as a payee sends it: a telephone's screen, a chat, and a request's QR code in one of the bubbles."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1080, 2400
QR_SIDE = 700
_SAID = [
    ("Did you get home all right?", False),
    ("Yes! The chairs look great in the kitchen, thank you so much", True),
    ("Wonderful. Here is the request for the two of them, 120 euros as we said", False),
    ("", False),  # The QR code.
    ("Just paid by bank transfer, the reference is in my answer", True),
    ("Got it, thanks!", False),
]


def screenshot(qr_image: bytes) -> bytes:
    """A PNG file of 1080 x 2400 pixels."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#efe7dd")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(38)
    draw.rectangle((0, 0, WIDTH, 170), fill="#075e54")
    draw.text((60, 90), "Ana", "white", ImageFont.load_default(52))
    top = 220
    for text, mine in _SAID:
        top = _bubble(picture, draw, font, top, text, mine) if text else _qr_bubble(picture, draw, top, qr_image)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _bubble(
    picture: Image.Image,
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    top: int,
    text: str,
    mine: bool,
) -> int:
    """Draws what was said and returns where the next bubble begins."""
    half = len(text) // 2 + text[len(text) // 2 :].find(" ")
    lines = [text] if len(text) < 40 else [text[:half], text[half + 1 :]]
    width = max(int(font.getlength(line)) for line in lines) + 60
    left = WIDTH - width - 40 if mine else 40
    bottom = top + 56 * len(lines) + 50
    draw.rounded_rectangle((left, top, left + width, bottom), 24, "#dcf8c6" if mine else "white")
    draw.multiline_text((left + 30, top + 24), "\n".join(lines), "#202020", font, spacing=14)
    return bottom + 30


def _qr_bubble(picture: Image.Image, draw: ImageDraw.ImageDraw, top: int, qr_image: bytes) -> int:
    code = Image.open(BytesIO(qr_image)).convert("L").resize((QR_SIDE, QR_SIDE), Image.Resampling.BILINEAR)
    draw.rounded_rectangle((40, top, 100 + QR_SIDE, top + QR_SIDE + 60), 24, "white")
    picture.paste(code, (70, top + 30))
    return top + QR_SIDE + 90
