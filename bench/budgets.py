"""How short the messages are, against what they may take: `python -m bench.budgets`, which fails when one takes more.

The messages are the reference samples of the vectors: 1250.50 USD asked for with a description, a bitcoin address and
an IBAN; claimed with a transaction id of 64 hexadecimal digits; acknowledged.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp

from services.codec import armour, compact, dossier
from tests.vectors.compact.conversations import REFERENCE
from tests.vectors.compact.torn import issued


@dataclass(frozen=True)
class Size:
    bytes: int
    letters: int
    # The versions of the QR code at error correction level L and M.
    version_l: int
    version_m: int


# The most bytes, and the highest versions.
BUDGETS = {
    "request": (234, 10, 11),
    "claim": (234, 10, 11),
    "acknowledgement": (214, 9, 11),
    "dossier": (480, 15, 17),
}


def sizes() -> dict[str, Size]:
    credentials = issued(REFERENCE)
    contents = [*map(compact.pack, credentials), dossier.pack(credentials)]
    return {name: _size(armour.wrap(content)) for name, content in zip(BUDGETS, contents, strict=True)}


def broken(found: dict[str, Size]) -> Iterator[str]:
    for name, size in found.items():
        used = (size.bytes, size.version_l, size.version_m)
        if any(have > most for have, most in zip(used, BUDGETS[name], strict=True)):
            yield name


def _size(text: str) -> Size:
    return Size(int(text[3:5], 36), len(text), _version(text, "L"), _version(text, "M"))


def _version(text: str, level: str) -> int:
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCodeModel2, ec_level=level)
    return (int(symbol.to_image(scale=1, add_quiet_zones=False).shape[0]) - 17) // 4


def main() -> None:
    found = sizes()
    print(f"{'':16}{'bytes':>12}{'letters':>9}{'version at L':>15}{'version at M':>15}")
    for name, size in found.items():
        most, most_l, most_m = BUDGETS[name]
        columns = f"{size.bytes:>5} of {most:>3}{size.letters:>9}"
        print(f"{name:16} {columns}{size.version_l:>9} of {most_l:>2}{size.version_m:>9} of {most_m:>2}")
    if over := list(broken(found)):
        sys.exit(f"too long: {', '.join(over)}")


if __name__ == "__main__":
    main()
