"""The process that draws QR codes: asked on standard input, it answers on standard output, and ends with its input."""

from __future__ import annotations

import struct
import sys

from services.codec.domain import QrFormat, TooLongForQr
from services.codec.qr_drawing import draw

FORMATS = tuple(QrFormat)
# Which of the formats, and how many bytes of text follow.
ASKED = struct.Struct(">BI")
# How many bytes of picture follow; none where the text is too long.
ANSWER = struct.Struct(">I")


def main() -> None:
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := asked.read(ASKED.size):
        number, size = ASKED.unpack(header)
        try:
            picture = draw(asked.read(size).decode(), FORMATS[number])
        except TooLongForQr:
            picture = b""
        answers.write(ANSWER.pack(len(picture)) + picture)
        answers.flush()


if __name__ == "__main__":
    main()
