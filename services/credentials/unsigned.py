"""Reading a credential that is to be signed."""

from __future__ import annotations

from services.credentials.contexts import CREDENTIALS_V2
from services.credentials.refusals import MalformedCredential
from services.messages.canonical import canonical, read_json
from services.messages.document import Document
from services.messages.refusals import MalformedMessage

_ID_CHARACTERS_MAX = 512


def read_unsigned(text: str) -> Document:
    """A JSON object with the first context of the VC Data Model 2.0 and no proof yet. Raises MalformedCredential."""
    try:
        document = read_json(text)
        canonical(document)
    except MalformedMessage:
        raise MalformedCredential("it is not JSON that has one form: duplicate keys, NaN, half a character") from None
    if not isinstance(document, dict):
        raise MalformedCredential("it is no JSON object")
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [CREDENTIALS_V2]:
        raise MalformedCredential(f"its first @context is not {CREDENTIALS_V2}")
    if "proof" in document:
        raise MalformedCredential("it carries a proof already")
    if len(str(document.get("id", ""))) > _ID_CHARACTERS_MAX:
        raise MalformedCredential(f"its id is longer than {_ID_CHARACTERS_MAX} characters")
    return document
