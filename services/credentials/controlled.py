"""The keys in somebody's DID document (DID 1.0, section 5; Controlled Identifiers 1.0, section 2), strict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.credentials import jwk, multikey, timestamps
from services.credentials.methods import VerificationMethod
from services.credentials.multikey import PublicKey
from services.messages.canonical import read_json
from services.messages.document import Document
from services.messages.refusals import MalformedMessage

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+", re.ASCII)
_PURPOSES = ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation")
_METHODS_MAX = 64
_MULTIBASE_TYPES = ("Multikey", "Ed25519VerificationKey2020")
_JWK_TYPES = ("JsonWebKey", "JsonWebKey2020")


class NotADidDocument(ValueError):
    """A text that is not the document of that DID; the sentence says why."""


def read_document(text: str | bytes, did: str = "") -> Document:
    """A DID document, of that DID where one is given: it must name it as its own. Raises NotADidDocument."""
    try:
        document = read_json(text)
    except (MalformedMessage, UnicodeDecodeError):
        raise NotADidDocument("it is not JSON, or too long") from None
    if not isinstance(document, dict) or not _DID.fullmatch(str(document.get("id"))):
        raise NotADidDocument("it is no DID document")
    if did and document["id"] != did:
        raise NotADidDocument("it is the document of another DID")
    return document


def methods_of(document: Document, now: datetime) -> dict[str, VerificationMethod]:
    """The keys that its DID controls itself and has not given up. What is misspelt, or there twice, is left out."""
    did = document["id"]
    listed = [*_dicts(document.get("verificationMethod")), *_embedded(document)][:_METHODS_MAX]
    names = Counter(_absolute(each.get("id"), did) for each in listed)
    found = {}
    for each in listed:
        name = _absolute(each.get("id"), did)
        key = _key(each) if names[name] == 1 and name.startswith(f"{did}#") else None
        if key and each.get("controller") == did and _holds(each, now):
            found[name] = VerificationMethod(name, did, key, _purposes(document, name))
    return found


def _purposes(document: Document, name: str) -> frozenset[str]:
    return frozenset(purpose for purpose in _PURPOSES if name in _references(document, purpose))


def _references(document: Document, purpose: str) -> Iterator[str]:
    for each in _list(document.get(purpose)):
        yield _absolute(each.get("id") if isinstance(each, dict) else each, document["id"])


def _embedded(document: Document) -> Iterator[Document]:
    for purpose in _PURPOSES:
        yield from _dicts(document.get(purpose))


def _holds(method: Document, now: datetime) -> bool:
    """Section 2.2: a method may say that it expired or was revoked."""
    try:
        return "revoked" not in method and ("expires" not in method or timestamps.read(method["expires"]) > now)
    except ValueError:
        return False


def _key(method: Document) -> PublicKey | None:
    try:
        match method:
            case {"publicKeyMultibase": str(), "publicKeyJwk": _}:
                return None
            case {"type": kind, "publicKeyMultibase": str(text)} if kind in _MULTIBASE_TYPES:
                return multikey.decode(text)
            case {"type": kind, "publicKeyJwk": value} if kind in _JWK_TYPES:
                return jwk.decode(value)
    except (multikey.NotAMultikey, jwk.NotAJwk):
        pass
    return None


def _absolute(reference: Any, did: str) -> str:
    if not isinstance(reference, str):
        return ""
    return did + reference if reference.startswith("#") else reference


def _dicts(value: Any) -> list[Document]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
