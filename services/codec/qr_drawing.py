"""Draws a text as a QR code: error correction level L, since a larger symbol reads worse at the same width.

zxing-cpp makes the symbol in some two milliseconds, where `qrcode` takes twenty times as long and fails for texts that
have a whole block of zero bits. `qrcode` draws it for the terminal.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import zxingcpp
from qrcode.main import QRCode

from services.codec.domain import QR_TEXT_BYTES_MAX, QrFormat, TooLongForQr

MODULE_PIXELS = 8
QUIET_ZONE_MODULES = 4
# White on black whatever the terminal's own colours are, so that the light modules are the ones with ink.
_WHITE_ON_BLACK, _RESET = "\x1b[40;97m", "\x1b[0m"
_DARK = 0
_DARK_RUN = re.compile(b"\0+")


def draw(text: str, format: QrFormat) -> bytes:
    """A picture with a quiet zone of 4 modules. `text` is not empty. Raises TooLongForQr."""
    assert text
    try:
        if len(text) > QR_TEXT_BYTES_MAX or len(text.encode()) > QR_TEXT_BYTES_MAX:
            raise ValueError("long in any symbol")
        rows = _rows(text)
    except ValueError:  # Also when naming the encoding takes room that the text needs.
        raise TooLongForQr from None
    return _DRAWERS[format](rows)


def _rows(text: str) -> list[bytes]:
    """The rows of a square symbol and its quiet zone, a byte a module."""
    # Readers would have to guess the encoding of a text that is not ASCII.
    options = {} if text.isascii() else {"eci": "UTF-8"}
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCodeModel2, ec_level="L", **options)
    image = symbol.to_image(scale=1, add_quiet_zones=True)
    side, modules = image.shape[0], bytes(memoryview(image))  # type: ignore[arg-type]  # It is a buffer.
    return [modules[at : at + side] for at in range(0, side * side, side)]


def _png(rows: list[bytes]) -> bytes:
    """1 bit a pixel, so that the byte of a module is just its 8 pixels: 0 all black, 255 all white."""
    side = len(rows) * MODULE_PIXELS
    # https://www.w3.org/TR/png-3/: each line begins with its filter, 0 for none, 2 for the difference to the one above.
    same_as_above = b"\2" + bytes(len(rows))
    lines = b"".join(b"\0" + row + same_as_above * (MODULE_PIXELS - 1) for row in rows)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines, 4)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _svg(rows: list[bytes]) -> bytes:
    """A module is one unit; dark modules that touch in a row are one rectangle."""
    side = len(rows)
    path = "".join(
        f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(rows)
        for run in _DARK_RUN.finditer(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side * MODULE_PIXELS}" height="{side * MODULE_PIXELS}" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>\n'
    ).encode()


def _terminal(rows: list[bytes]) -> bytes:
    """Half blocks, two rows of modules to a line, on a ground of its own colour."""
    picture = io.StringIO()
    _drawing(rows).print_ascii(out=picture, invert=True)
    return "".join(f"{_WHITE_ON_BLACK}{line}{_RESET}\n" for line in picture.getvalue().splitlines()).encode()


def _drawing(rows: list[bytes]) -> QRCode[Any]:
    """The symbol as `qrcode` holds one that it has made itself."""
    code = QRCode(border=QUIET_ZONE_MODULES)
    inner = slice(QUIET_ZONE_MODULES, -QUIET_ZONE_MODULES)
    code.modules = [[module == _DARK for module in row[inner]] for row in rows[inner]]
    code.modules_count = len(code.modules)
    code.data_cache = []  # Not None: there is nothing left to make.
    return code


_DRAWERS = {QrFormat.PNG: _png, QrFormat.SVG: _svg, QrFormat.TERMINAL: _terminal}
