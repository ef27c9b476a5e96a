"""QR codes on their way to a file or a terminal."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from client.failures import Unusable
from counterfoil.messages.v1 import message_pb2

_FORMATS = {".png": message_pb2.QR_FORMAT_PNG, ".svg": message_pb2.QR_FORMAT_SVG}

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_WHITE_ON_BLACK, _RESET = "\x1b[40;97m", "\x1b[0m"
# Which quarters of a character are light: upper left 1, upper right 2, lower left 4, lower right 8.
_HALVES = {"▀": 1, "▄": 4, "█": 5}
_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a QR code is to go. No path: to the terminal."""

    path: Path | None
    format: message_pb2.QrFormat.ValueType

    def put(self, image: bytes) -> None:
        if self.path is None:
            click.echo(fitting(image.decode(), shutil.get_terminal_size().columns), err=True, nl=False)
        else:
            write(self.path, image)
            click.echo(f"QR code: {self.path}", err=True)


class PictureTarget(click.ParamType[Picture]):
    name = "picture"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Picture:
        if value == "-":
            return Picture(None, message_pb2.QR_FORMAT_TERMINAL)
        path = Path(value)
        if path.suffix.lower() not in _FORMATS:
            self.fail("give a file that ends in .png or .svg, or - for the terminal", param, ctx)
        return Picture(path, _FORMATS[path.suffix.lower()])


def write(path: Path, image: bytes) -> None:
    try:
        path.write_bytes(image)
    except OSError as error:
        raise Unusable.file(str(path), error) from None


def fitting(drawing: str, columns: int) -> str:
    """The drawing as it is where it fits, else in half the width, which readers do not mind.

    Its modules are then twice as tall as wide. Raises Unusable when the terminal is too narrow even so.
    """
    lines = _COLOURS.sub("", drawing).splitlines()
    width = len(lines[0])
    if width <= columns:
        return drawing
    if (width + 1) // 2 > columns:
        raise Unusable(
            f"the QR code needs {(width + 1) // 2} columns and the terminal has {columns}; write a .png file"
        )
    return "".join(f"{_WHITE_ON_BLACK}{_narrow(line)}{_RESET}\n" for line in lines)


def _narrow(line: str) -> str:
    """Two half blocks in one character of four quarters."""
    padded = line + "█" * (len(line) % 2)
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return "".join(_QUARTERS[_HALVES.get(left, 0) + 2 * _HALVES.get(right, 0)] for left, right in pairs)
