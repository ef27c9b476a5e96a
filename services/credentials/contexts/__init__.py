"""The JSON-LD contexts that are known here, and no others: bundled, pinned, and never fetched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from services.messages.document import CONTEXT, Document

CREDENTIALS_V2, COUNTERFOIL_V1 = CONTEXT
# The file of each context and its SHA-256.
_FILES = {
    CREDENTIALS_V2: (
        "credentials-v2.json",
        "8a9f494a89ecc51db093e90e84713e07e84d6d9204364a9b3c7868b21751236f",
    ),
    "https://www.w3.org/ns/credentials/examples/v2": (
        "credentials-examples-v2.json",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c",
    ),
    "https://www.w3.org/ns/credentials/undefined-terms/v2": (
        "undefined-terms-v2.json",
        "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581",
    ),
    "https://w3id.org/security/data-integrity/v1": (
        "data-integrity-v1.json",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
    ),
    "https://w3id.org/security/data-integrity/v2": (
        "data-integrity-v2.json",
        "0f77743daf5b4e8fc067fc5ba5b21044283053aa717fc6b0219843bed3b00363",
    ),
    COUNTERFOIL_V1: (
        "counterfoil-v1.json",
        "a70bf68ea1511599b8b99bd1b660c139221af56810ee1ebfb911be7de57567c2",
    ),
}
KNOWN = frozenset(_FILES)


class UnknownContext(ValueError):
    """A context that is not bundled; nothing is fetched."""


@cache
def text(url: str) -> str:
    """The context document as it is published. Raises UnknownContext."""
    if url not in _FILES:
        raise UnknownContext(url)
    name, sha256 = _FILES[url]
    content = Path(__file__).with_name(name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256, f"{name} is not the context that it should be"
    return content.decode()


def document(url: str) -> Document:
    """The context as JSON, a fresh one each time. Raises UnknownContext."""
    value: Document = json.loads(text(url))
    return value


def flaw(document: Document) -> str:
    """What is wrong with a credential's contexts, or nothing.

    VC Data Model 2.0, section 4.3: the first is the base context. Every other is one known by its exact address, and
    none stands inside the document, where it would change the meaning of what was read before.
    """
    named = document.get("@context")
    if not isinstance(named, list) or not named or named[0] != CREDENTIALS_V2:
        return f"its contexts do not begin with {CREDENTIALS_V2}"
    if not all(isinstance(each, str) and each in KNOWN for each in named):
        return "it has contexts that are not known here, so its words may mean anything"
    if any("@context" in each for each in _objects_inside(document)):
        return "it changes the meaning of words on the way, with a context inside the document"
    return ""


def _objects_inside(document: Document) -> Iterator[Document]:
    """Every object in a document but the document itself. Needs no more stack for a deeper one."""
    waiting: list[Any] = [value for name, value in document.items() if name != "@context"]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
