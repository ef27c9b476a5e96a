"""Every picture of a text can be read back, and a text that is too long is refused in every format."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.codec.domain import QR_TEXT_BYTES_MAX, QrFormat, TextTooLong
from services.codec.qr_drawing import MODULE_PIXELS, draw
from tests.codec.pictures import TEXT

QUIET_MODULES = 4


def read(picture: Image.Image) -> zxingcpp.Barcode:
    """Reads dark on light only, as simple readers do."""
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    found = zxingcpp.read_barcodes(picture, formats, try_invert=False, text_mode=zxingcpp.TextMode.Plain)
    assert len(found) == 1
    return found[0]


def picture_of(image: bytes, format: QrFormat) -> Image.Image:
    match format:
        case QrFormat.PNG:
            return Image.open(BytesIO(image))
        case QrFormat.SVG:
            return picture_of_svg(image)
        case QrFormat.TERMINAL:
            return picture_of_terminal(image)


def picture_of_svg(image: bytes) -> Image.Image:
    """Fills the rectangles of the paths, the first of which is the white ground: "M12 4h3v1h-3z"."""
    ground, symbol = ElementTree.fromstring(image)
    assert ground.attrib["fill"] == "#fff"
    side = int(ground.attrib["d"].split("h")[1].split("v")[0])
    assert ground.attrib["d"] == f"M0 0h{side}v{side}h-{side}z"
    picture = Image.new("L", (side, side), 255)
    assert re.fullmatch(r"(M\d+ \d+h(\d+)v1h-\2z)+", symbol.attrib["d"])
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", symbol.attrib["d"]):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    return picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def picture_of_terminal(image: bytes) -> Image.Image:
    """Each character is a cell twice as high as wide, white ink on black."""
    lines = image.decode().splitlines()
    assert all(line.startswith("\x1b[40;97m") and line.endswith("\x1b[0m") for line in lines)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    picture = Image.new("L", (len(lines[0]), len(lines) * 2), 0)
    for y, line in enumerate(lines):
        for x, char in enumerate(line):
            picture.putpixel((x, y * 2), 255 * (char in "▀█"))
            picture.putpixel((x, y * 2 + 1), 255 * (char in "▄█"))
    return picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)


@pytest.mark.parametrize("format", QrFormat)
@pytest.mark.parametrize(
    "text", ["a", TEXT, "0" * QR_TEXT_BYTES_MAX, "a" * QR_TEXT_BYTES_MAX, "\0" * 2953], ids=range(5)
)
def test_every_picture_can_be_read_back(text, format):
    found = read(picture_of(draw(text, format), format))

    assert found.text == text
    assert found.ec_level == "L"


@pytest.mark.parametrize("format", QrFormat)
def test_every_picture_has_a_light_quiet_zone_of_four_modules(format):
    picture = picture_of(draw("a", format), format).convert("L")
    module = MODULE_PIXELS if format is QrFormat.PNG else 4
    # A line of the terminal is two rows of modules, and the number of rows is odd.
    picture = picture.crop((0, 0, picture.width, picture.width))

    box = picture.point(lambda value: 255 - value).getbbox()

    assert box is not None
    assert box[:2] == (QUIET_MODULES * module, QUIET_MODULES * module)
    assert box[2] == picture.width - QUIET_MODULES * module
    assert picture.height - box[3] >= QUIET_MODULES * module


def test_a_png_has_eight_pixels_a_module_and_one_bit_a_pixel():
    picture = Image.open(BytesIO(draw(TEXT, QrFormat.PNG)))

    assert picture.mode == "1"
    assert picture.width == picture.height
    assert (picture.width // 8 - 2 * QUIET_MODULES - 17) % 4 == 0
    assert picture.resize((picture.width // 8,) * 2, 0).resize(picture.size, 0).tobytes() == picture.tobytes()


def test_an_svg_shows_eight_pixels_a_module():
    svg = ElementTree.fromstring(draw("a", QrFormat.SVG))

    assert svg.attrib["viewBox"] == "0 0 29 29"
    assert (svg.attrib["width"], svg.attrib["height"]) == ("232", "232")


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_any_text_can_be_drawn_and_read_back(text):
    assert read(picture_of(draw(text, QrFormat.PNG), QrFormat.PNG)).text == text


@pytest.mark.parametrize("format", QrFormat)
@pytest.mark.parametrize("text", ["a" * 2954, "0" * 2954, "é" * 1477, "a" * 5_000_000], ids=len)
def test_a_text_of_more_than_2953_bytes_is_too_long(text, format):
    with pytest.raises(TextTooLong):
        draw(text, format)


@pytest.mark.parametrize("format", QrFormat)
@pytest.mark.parametrize("char", ["é", "日", "😀", "\u0e01"])
def test_a_text_at_the_limit_is_drawn_or_refused_whatever_its_script(char, format):
    """Naming the encoding takes some of the room."""
    text = char * (QR_TEXT_BYTES_MAX // len(char.encode()))
    try:
        image = draw(text, format)
    except TextTooLong:
        return
    assert read(picture_of(image, format)).text == text
