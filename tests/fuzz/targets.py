"""What is fuzzed: every reader of what strangers send. Anything but an answer or a refusal is a finding."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from services.codec import armour, classic, compact, dossier, pasted, qr_reading
from services.codec.domain import Reading
from services.credentials import presentations, reading, verification
from services.runtime.refusals import Refusal

_CIRCUMSTANCES = verification.Circumstances(now=datetime(2026, 2, 1, 12, tzinfo=UTC))


def text(data: bytes) -> None:
    """A pasted text. What is read is found again in the code alone."""
    with suppress(Refusal):
        found = pasted.read(data.decode(errors="surrogateescape"))
        assert _parts(pasted.read(found.text)) == _parts(found)


def content(data: bytes) -> None:
    """The bytes within a COMPACT text, whose checksum no fuzzer guesses. What is read is written just so."""
    with suppress(Refusal):
        if dossier.holds(data):
            assert dossier.pack([vc for _, vc in dossier.unpack(data)]) == data
        elif len(data) <= armour.CONTENT_BYTES_MAX:
            _, vc = compact.unpack(data)
            assert compact.pack(vc) == data
            assert reading.read(json.dumps(vc)).message, "what the codec reads is a statement"


def classic_fields(data: bytes) -> None:
    """The JSON within a CLASSIC text, which is packed."""
    with suppress(Refusal):
        found = classic.read(b64encode(zlib.compress(data)).decode())
        if found.message:
            assert classic.read(classic.write(found.credential)).message == found.message


def picture(data: bytes) -> None:
    with suppress(Refusal):
        qr_reading.texts_in(data)


def credential(data: bytes) -> None:
    found = verification.judge(reading.read(data.decode(errors="surrogateescape")), _CIRCUMSTANCES)
    assert not found.accepted, "nobody is trusted here"


def presentation(data: bytes) -> None:
    given = data.decode(errors="surrogateescape")
    presentations.verify_presentation(given, "a challenge", "pay.example.org", _CIRCUMSTANCES)


def _parts(found: Reading) -> tuple[object, ...]:
    return found.message, found.credential, found.unsigned_fields, found.dossier


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": text,
    "content": content,
    "classic": classic_fields,
    "picture": picture,
    "credential": credential,
    "presentation": presentation,
}
