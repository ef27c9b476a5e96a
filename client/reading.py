"""An argument that is a message: its text, a file with the text or a picture of it, or - for either on stdin."""

from __future__ import annotations

import codecs
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from client.failures import Unusable

# One byte more than the service reads of a picture: it then refuses the picture, in its own words.
_BYTES_MAX = 8 * 1024 * 1024 + 1
_FILE_NAME = re.compile(r".{1,250}\.[A-Za-z][A-Za-z0-9]{1,4}", re.DOTALL)


# The text of a message, or a picture of it.
Source = str | bytes


class SourceArgument(click.ParamType[Source]):
    name = "message"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        if value == "-":
            return source_of(sys.stdin.buffer.read(_BYTES_MAX))
        if os.path.exists(value):
            return source_of(_content(value))
        if _FILE_NAME.fullmatch(value):
            raise Unusable(f"{value}: no such file")
        return str(value)


def source_of(content: bytes) -> Source:
    """Text of any kind that clipboards and editors make, else a picture."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_BYTES_MAX)
    except OSError as error:
        raise Unusable.file(path, error) from None
