"""Writes the vectors: `python -m tests.vectors.compact.make`. They are frozen; a test makes them again and compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from services.codec import armour, compact
from services.codec.words import CURRENCIES, WORDS
from services.messages.canonical import canonical
from services.messages.currencies import DECIMALS
from services.messages.document import message_digest
from services.messages.protobuf import to_message
from tests.vectors.compact.samples import Sample, samples
from tests.vectors.compact.signing import issue
from tests.vectors.compact.twins import twins

DIRECTORY = Path(__file__).parent


def files() -> dict[str, str]:
    """The text of every file by its name."""
    values = {
        "valid.json": [_vector(sample) for sample in samples()],
        "twins.json": [vars(twin) for twin in twins()],
        "lists.json": {"currencies": [f"{code} {DECIMALS[code]}" for code in CURRENCIES], "words": WORDS},
    }
    return {name: _to_json(value) for name, value in values.items()}


def _vector(sample: Sample) -> dict[str, Any]:
    name, message, signer = sample
    credential = issue(message, signer)
    content = compact.pack(credential)
    return {
        "name": name,
        "verdict": "verified" if signer.did.startswith("did:key:") else "unverified",
        "text": armour.wrap(content),
        "content": content.hex(),
        "message": MessageToDict(to_message(message)),
        "credential": canonical(credential).decode(),
        "digest": message_digest(message).hex(),
    }


def _to_json(value: Any) -> str:
    # Beyond ASCII everything is escaped, so that no editor changes it.
    return json.dumps(value, sort_keys=True, indent=1) + "\n"


if __name__ == "__main__":
    for name, text in files().items():
        DIRECTORY.joinpath(name).write_text(text, encoding="ascii")
