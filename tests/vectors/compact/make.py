"""Writes the vectors: `python -m tests.vectors.compact.make`. They are frozen; a test makes them again and compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from services.codec import armour, compact, dossier
from services.codec.place import Place
from services.codec.words import CURRENCIES, WORDS
from services.messages.canonical import canonical
from services.messages.currencies import DECIMALS
from services.messages.document import message_digest
from services.messages.message import Message
from services.messages.protobuf import to_message
from tests.vectors.compact import verdicts
from tests.vectors.compact.conversations import Conversation, conversations
from tests.vectors.compact.places import placed
from tests.vectors.compact.samples import samples
from tests.vectors.compact.signing import Signer, issue
from tests.vectors.compact.twins import twins

_OF_THE_CONVERSATION = ("issuer_authority", "link")
DIRECTORY = Path(__file__).parent


def files() -> dict[str, str]:
    """The text of every file by its name."""
    values = {
        "valid.json": [
            *(_vector(*sample) for sample in samples()),
            *(_vector(*sample, place) for sample, place in placed()),
        ],
        "dossiers.json": [_dossier(name, conversation) for name, conversation in conversations()],
        "twins.json": [vars(twin) for twin in twins()],
        "lists.json": {"currencies": [f"{code} {DECIMALS[code]}" for code in CURRENCIES], "words": WORDS},
    }
    return {name: _to_json(value) for name, value in values.items()}


def _vector(name: str, message: Message, signer: Signer, place: Place | None = None) -> dict[str, Any]:
    content = compact.pack(issue(message, signer, place))
    return {"name": name, "text": armour.wrap(content), "content": content.hex(), **_told(message, signer, place)}


def _dossier(name: str, conversation: Conversation) -> dict[str, Any]:
    content = dossier.pack([issue(*each) for each in conversation])
    text = armour.wrap(content)
    found = verdicts.read(text)
    answers = [{check: each.checks[check] for check in _OF_THE_CONVERSATION} for each in found.dossier if each.checks]
    return {
        "name": name,
        "verdict": found.verdict,
        "text": text,
        "content": content.hex(),
        "messages": [_told(*each) | checks for each, checks in zip(conversation, answers, strict=True)],
    }


def _told(message: Message, signer: Signer, place: Place | None) -> dict[str, Any]:
    return {
        "verdict": "verified" if signer.did.startswith("did:key:") else "unverified",
        "message": MessageToDict(to_message(message)),
        "credential": canonical(issue(message, signer, place)).decode(),
        "digest": message_digest(message).hex(),
    }


def _to_json(value: Any) -> str:
    # Beyond ASCII everything is escaped, so that no editor changes it.
    return json.dumps(value, sort_keys=True, indent=1) + "\n"


if __name__ == "__main__":
    for name, text in files().items():
        DIRECTORY.joinpath(name).write_text(text, encoding="ascii")
