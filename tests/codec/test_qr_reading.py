"""The readers find a code in the pictures people send, and whatever is no picture is refused."""

from __future__ import annotations

import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from PIL.PngImagePlugin import PngInfo

from services.codec import qr_reading
from services.codec.domain import ImageTooLarge, ImageUnreadable
from services.codec.qr_reading import texts_in
from tests.codec.pictures import TEXT, jpeg, png, qr, screenshot, slow
from tests.processor_time import at_most


def noisy(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    return Image.blend(grey, Image.effect_noise(grey.size, 90), 0.4)


def transparent(mode: str) -> Image.Image:
    """Dark modules on nothing, which is black where transparency is ignored."""
    code = qr().convert("L")
    picture = Image.new("LA" if mode == "LA" else "RGBA", code.size)
    picture.putalpha(code.point(lambda value: 255 - value))
    return picture.quantize(4) if mode == "P" else picture


def on_card(code: Image.Image, size: int, angle: float = 0) -> Image.Image:
    card = Image.new("L", (1000, 1000), 240)
    card.paste(code.convert("L").resize((size, size), Image.Resampling.LANCZOS), ((1000 - size) // 2,) * 2)
    return card.rotate(angle, Image.Resampling.BICUBIC, fillcolor=240)


def picture_of(code: zxingcpp.Barcode) -> Image.Image:
    image = code.to_image(scale=6)
    return Image.frombytes("L", image.shape[::-1], bytes(memoryview(image)))  # type: ignore[arg-type]  # It is a buffer.


SENT = {
    "as drawn": png(qr()),
    "as JPEG": jpeg(qr().convert("L"), quality=50),
    "as progressive JPEG": jpeg(qr().convert("RGB"), progressive=True),
    "as CMYK JPEG": jpeg(qr().convert("CMYK")),
    "in a screenshot": png(screenshot(qr())),
    "in a screenshot as JPEG": jpeg(screenshot(qr()), quality=70),
    "twice in a screenshot": png(screenshot(qr(), qr())),
    "turned by 90 degrees": png(qr().rotate(90)),
    "turned by 33 degrees": png(on_card(qr(), 650, 33)),
    "mirrored": png(qr().transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    "light on dark": png(qr().point(lambda value: 255 - value)),
    "two pixels a module": png(qr().resize((qr().width // 4,) * 2)),
    "scaled to a third": png(on_card(qr(), 330)),
    "noisy": jpeg(noisy(qr()), quality=60),
    "out of focus": png(qr().convert("L").filter(ImageFilter.GaussianBlur(3))),
    "transparent": png(transparent("RGBA")),
    "transparent grey": png(transparent("LA")),
    "transparent palette": png(transparent("P")),
    "palette": png(qr().convert("P")),
    "16 bits a pixel": png(qr().convert("I;16").point(lambda value: value * 257)),
    "in a photo of 15 megapixels": jpeg(on_card(qr(), 800).resize((3873, 3873)), quality=60),
}


@pytest.mark.parametrize("image", SENT.values(), ids=SENT)
def test_a_code_is_read(image):
    assert texts_in(image) == [TEXT]


def test_an_interlaced_png_of_16_bits_a_pixel_is_read():
    """Adam7, https://www.w3.org/TR/png-3/#8Interlace, which Pillow does not write."""
    grey = qr().convert("L").resize((qr().width // 2,) * 2)
    pixels = grey.tobytes()
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    lines = [
        b"\0"
        + b"".join(pixels[y * grey.width + x : y * grey.width + x + 1] * 2 for x in range(left, grey.width, right))
        for left, top, right, down in passes
        for y in range(top, grey.height, down)
    ]
    header = struct.pack(">IIBBBBB", grey.width, grey.height, 16, 0, 0, 0, 1)

    image = a_png((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))

    assert texts_in(image) == [TEXT]


def test_two_codes_are_two_texts():
    assert texts_in(png(screenshot(qr(), qr("https://example.com")))) == sorted([TEXT, "https://example.com"])


def test_a_picture_without_a_code_has_no_text():
    assert texts_in(png(screenshot())) == []


def test_each_reader_reads_by_itself(monkeypatch):
    for name, read in qr_reading.READERS.items():
        monkeypatch.setattr(qr_reading, "READERS", {name: read})
        assert texts_in(SENT["as drawn"]) == [TEXT], name


def test_a_code_that_the_first_reader_misses_is_left_to_the_next(monkeypatch):
    chain = {"first": lambda _: set(), "second": lambda _: {"found"}, "third": lambda _: {"not asked"}}
    monkeypatch.setattr(qr_reading, "READERS", chain)

    assert texts_in(SENT["as drawn"]) == ["found"]


@pytest.mark.parametrize("kind", ["MicroQRCode", "RMQRCode", "DataMatrix", "Aztec", "Code128", "PDF417"])
def test_other_kinds_of_codes_are_not_read(kind):
    code = zxingcpp.create_barcode("eNotForUs", getattr(zxingcpp.BarcodeFormat, kind))

    assert texts_in(png(picture_of(code))) == []


def test_bytes_that_are_no_text_do_not_stop_the_readers():
    code = zxingcpp.create_barcode(bytes(range(256)) * 3, zxingcpp.BarcodeFormat.QRCodeModel2, ec_level="L")

    assert len(texts_in(png(picture_of(code)))) == 1


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 3000), (3000, 1), (2, 2), (5, 7), (30_000, 1), (1, 30_000), (30_000, 533)], ids=str
)
def test_a_picture_of_any_shape_is_read(size):
    assert texts_in(png(Image.new("1", size))) == []


@pytest.mark.parametrize(
    "image",
    [png(Image.new("1", size)) for size in [(4001, 4000), (6000, 5000), (20_000, 20_000), (30_001, 1), (1, 16_000_000)]]
    + [jpeg(Image.new("L", size)) for size in [(4001, 4000), (6000, 5000), (30_001, 1)]],
    ids=range(8),
)
@pytest.mark.filterwarnings("error")
def test_a_picture_of_more_than_16_megapixels_or_30_000_pixels_a_side_is_refused_without_decoding_it(image):
    with at_most(0.1), pytest.raises(ImageTooLarge):
        texts_in(image)


def a_png(*chunks: tuple[bytes, bytes], checksum: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data) ^ checksum)
        for name, data in chunks
    )


HEADER = (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
PIXELS = (b"IDAT", zlib.compress(b"\0" * 72))
END = (b"IEND", b"")


def file_of_another_kind(kind: str) -> bytes:
    file = BytesIO()
    qr().convert("RGB").save(file, kind)
    return file.getvalue()


def animated() -> bytes:
    return png(qr(), save_all=True, append_images=[qr("https://example.com").resize(qr().size)])


BROKEN = {
    "nothing": b"",
    "text": b"this is no picture",
    "zero bytes": bytes(1000),
    "the name of a format only": b"\x89PNG\r\n\x1a\n",
    "the start of a JPEG only": b"\xff\xd8\xff",
    "a GIF": file_of_another_kind("GIF"),
    "a BMP": file_of_another_kind("BMP"),
    "a WebP": file_of_another_kind("WEBP"),
    "a TIFF": file_of_another_kind("TIFF"),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "animated": animated(),
    "no pixels wide": a_png((b"IHDR", struct.pack(">IIBBBBB", 0, 8, 8, 0, 0, 0, 0)), PIXELS, END),
    "a kind of pixel there is not": a_png((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 7, 9, 0, 0, 0)), PIXELS, END),
    "no header": a_png(PIXELS, END),
    "a header of no length": a_png((b"IHDR", b""), PIXELS, END),
    "wrong checksums": a_png(HEADER, PIXELS, END, checksum=1),
    "pixels that do not unpack": a_png(HEADER, (b"IDAT", b"nonsense"), END),
    "pixels that end early": a_png(HEADER, (b"IDAT", zlib.compress(b"\0" * 72)[:-9])),
    "a comment that unpacks to 100 MB": a_png(
        HEADER, (b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 9)), PIXELS, END
    ),
    "a colour profile that unpacks to 100 MB": a_png(
        HEADER, (b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9)), (b"IDAT", b""), END
    ),
    "JPEG with garbage": SENT["as JPEG"][:300] + b"\xff\xc0" * 500,
}


@pytest.mark.parametrize("image", BROKEN.values(), ids=BROKEN)
@pytest.mark.filterwarnings("error")
def test_a_file_that_is_no_picture_is_unreadable(image):
    with at_most(0.5), pytest.raises(ImageUnreadable):
        texts_in(image)


@pytest.mark.parametrize("name", ["as drawn", "as JPEG", "in a screenshot"])
def test_a_file_cut_anywhere_is_unreadable_or_read(name):
    image = SENT[name]
    for length in range(0, len(image), len(image) // 40):
        try:
            assert texts_in(image[:length]) in ([], [TEXT])
        except ImageUnreadable:
            continue


@given(st.data())
def test_a_file_with_any_bytes_changed_is_refused_or_read(data):
    image = bytearray(
        SENT[data.draw(st.sampled_from(["as drawn", "as JPEG", "transparent palette", "16 bits a pixel"]))]
    )
    for _ in range(data.draw(st.integers(1, 5))):
        image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ImageUnreadable, ImageTooLarge):
        texts_in(bytes(image))


def test_a_picture_with_long_comments_is_read():
    comments = PngInfo()
    for number in range(50):
        comments.add_text(f"comment{number}", "x" * 10_000)

    assert texts_in(png(qr(), pnginfo=comments)) == [TEXT]


def test_the_pictures_that_take_longest_take_less_than_the_limit():
    """Noise, and a wallpaper of the squares that readers look for."""
    wallpaper = Image.new("1", (4000, 4000), 1)
    corner = qr("a").crop((32, 32, 88, 88))
    for place in range(0, 4000, 64):
        wallpaper.paste(corner, (place, 0))
    for place in range(64, 4000, 64):
        wallpaper.paste(wallpaper.crop((0, 0, 4000, 64)), (random.Random(place).randrange(9), place))
    for image in (slow(), png(wallpaper)):
        with at_most(4):
            assert texts_in(image) == []
