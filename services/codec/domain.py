"""What the codec reads and writes, how much of it, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from services.messages.message import Message
from services.runtime.refusals import FailedPrecondition, InvalidArgument

TEXT_BYTES_MAX = 64 * 1024
# ISO/IEC 18004, table 7: version 40 at error correction level L, byte mode.
QR_TEXT_BYTES_MAX = 2953
IMAGE_BYTES_MAX = 8 * 1024 * 1024
IMAGE_PIXELS_MAX = 16_000_000
# Readers count no further than 65,535, also at twice the size.
IMAGE_SIDE_PIXELS_MAX = 30_000


class TextFormat(Enum):
    CLASSIC = "classic"
    COMPACT = "compact"


class QrFormat(Enum):
    PNG = "png"
    SVG = "svg"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: a message and its credential, or fields that nobody has signed. Nothing is verified.

    Of a dossier it is the last message, and `dossier` holds the credentials of all.
    """

    format: TextFormat
    # The code alone, without what stood around it.
    text: str
    message: Message | None = None
    credential: str = ""
    unsigned_fields: str = ""
    dossier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """A message written down, and in which format: what does not fit COMPACT is written as CLASSIC."""

    format: TextFormat
    text: str
    image: bytes = b""


class TextTooLong(InvalidArgument):
    reason = "TEXT_TOO_LONG"


class TooLongForQr(TextTooLong):
    def __init__(self) -> None:
        super().__init__(
            f"text: too long for a QR code; give at most {QR_TEXT_BYTES_MAX} bytes, or send it as text", field="text"
        )


class TextDamaged(InvalidArgument):
    reason = "TEXT_DAMAGED"

    def __init__(self, what: str = "no message, or a part of it was lost or changed on the way") -> None:
        super().__init__(f"text: {what}; copy all of it, or ask for it again", field="text")


class NoDossier(FailedPrecondition):
    reason = "NO_DOSSIER"

    def __init__(self) -> None:
        super().__init__(
            "not a conversation of two messages or more, the request first and each answer after its claim, or more "
            "than one text holds exactly; send the messages one by one"
        )


class ImageTooLarge(InvalidArgument):
    reason = "IMAGE_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(
            f"image: more than {IMAGE_BYTES_MAX // 1024**2} MiB, {IMAGE_PIXELS_MAX // 10**6} megapixels or "
            f"{IMAGE_SIDE_PIXELS_MAX} pixels a side; crop it to the QR code or scale it down",
            field="image",
        )


class ImageUnreadable(InvalidArgument):
    reason = "IMAGE_UNREADABLE"

    def __init__(self) -> None:
        super().__init__("image: not a PNG or JPEG file, or a broken one; take a new screenshot", field="image")


class NoQrCode(InvalidArgument):
    reason = "NO_QR_CODE"

    def __init__(self) -> None:
        super().__init__("image: no QR code found; show it whole, sharp and larger, or paste the text", field="image")


class SeveralQrCodes(InvalidArgument):
    reason = "SEVERAL_QR_CODES"

    def __init__(self) -> None:
        super().__init__("image: more than one QR code; crop it to the one that is meant", field="image")


class ForeignQrCode(InvalidArgument):
    reason = "FOREIGN_QR_CODE"

    def __init__(self) -> None:
        super().__init__("image: its QR code is no Counterfoil message; ask the sender for theirs", field="image")
