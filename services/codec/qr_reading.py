"""Finds the QR codes in a picture from a stranger. Runs in a process of its own, which `reading_worker` is.

Three readers in turn, each of which finds codes that the others miss: zxing-cpp, zxing-cpp on the picture at twice its
size, and ZBar where its library is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import zxingcpp
from PIL import Image

from services.codec.domain import IMAGE_PIXELS_MAX, IMAGE_SIDE_PIXELS_MAX, ImageTooLarge, ImageUnreadable

try:
    from pyzbar import pyzbar
except ImportError:  # Raised also when libzbar0 is missing.
    pyzbar = None

# Our own limit is lower, and a warning is not a refusal.
Image.MAX_IMAGE_PIXELS = None


def texts_in(image: bytes, readers_max: int | None = None) -> list[str]:
    """The distinct texts of the QR codes in a PNG or JPEG file. Raises ImageTooLarge or ImageUnreadable."""
    picture = _open(image)
    for read in list(READERS.values())[:readers_max]:
        if texts := read(picture):
            return sorted(texts)
    return []


def _open(image: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(image), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > IMAGE_PIXELS_MAX or max(picture.size) > IMAGE_SIDE_PIXELS_MAX:
                raise ImageTooLarge
            # A photo may hold a second picture for depth or brightness; an animation shows more than one thing.
            if picture.format == "PNG" and getattr(picture, "is_animated", False):
                raise ImageUnreadable
            return _to_grey(picture)
    except (ImageTooLarge, ImageUnreadable):
        raise
    except Exception as error:  # Broken files raise errors of a dozen kinds.
        raise ImageUnreadable from error


def _to_grey(picture: Image.Image) -> Image.Image:
    """8 bits of grey a pixel, with white where the picture is transparent."""
    if picture.mode.startswith("I"):  # 16 bits a pixel, of which converting would keep the wrong eight.
        return picture.point(lambda value: value / 256, "L")
    if not picture.has_transparency_data:
        return picture.convert("L")
    picture = picture.convert("RGBA")
    grey = Image.new("L", picture.size, 255)
    grey.paste(picture.convert("L"), mask=picture.getchannel("A"))
    return grey


def _with_zxing(picture: Image.Image) -> set[str]:
    # "QRCode" would also find Micro QR and rMQR codes.
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    return {found.text for found in zxingcpp.read_barcodes(picture, formats, text_mode=zxingcpp.TextMode.Plain)}


def _with_zxing_at_twice_the_size(picture: Image.Image) -> set[str]:
    if picture.width * picture.height * 4 > IMAGE_PIXELS_MAX:
        return set()
    return _with_zxing(picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC))


def _with_zbar(picture: Image.Image) -> set[str]:
    return {found.data.decode(errors="replace") for found in pyzbar.decode(picture, [pyzbar.ZBarSymbol.QRCODE])}


READERS: dict[str, Callable[[Image.Image], set[str]]] = {
    "zxing": _with_zxing,
    "zxing at twice the size": _with_zxing_at_twice_the_size,
}
if pyzbar:
    READERS["zbar"] = _with_zbar
