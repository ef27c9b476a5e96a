"""What the VC Data Model 2.0 asks of any credential or presentation, whatever it states."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.credentials import timestamps
from services.messages.document import Document

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f\s<>\"{}|\\^`]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
# Sections 4.9 and after: what these hold is for others to define, but it says of what type it is.
_TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence", "renderMethod")
_TYPED_AND_NAMED = ("credentialSchema",)


def flaw_of_credential(document: Document) -> str:
    """The first rule that a credential without its proof breaks, in a sentence; nothing when it keeps them all."""
    return next((sentence for holds, sentence in _RULES if not holds(document)), "") or _flaw_of_parts(document)


def flaw_of_presentation(document: Document) -> str:
    """The first rule that a presentation without its proof breaks; its credentials are judged on their own."""
    if not _is_of_type(document, "VerifiablePresentation"):
        return 'its type does not include "VerifiablePresentation"'
    if not _is_absent_or_url(document, "id"):
        return "its id is no URL"
    if "holder" in document and identity_of(document["holder"]) == "":
        return "it does not name its holder by a URL"
    return ""


def identity_of(value: Any) -> str:
    """The URL of an issuer or holder, given as a text or as an object with an `id`; nothing when there is none."""
    named = value.get("id") if isinstance(value, dict) else value
    return named if isinstance(named, str) and is_url(named) else ""


def is_url(value: Any) -> bool:
    return isinstance(value, str) and bool(_URL.fullmatch(value))


def listed(value: Any) -> list[Any]:
    """One or several: what may be given alone or in an array."""
    return value if isinstance(value, list) else [value]


def _is_of_type(document: Document, name: str) -> bool:
    types = listed(document.get("type"))
    return name in types and all(isinstance(each, str) and each for each in types)


def _is_absent_or_url(document: Document, name: str) -> bool:
    return name not in document or is_url(document[name])


def _has_subjects(document: Document) -> bool:
    subjects = listed(document.get("credentialSubject"))
    return bool(subjects) and all(
        isinstance(each, dict) and each and _is_absent_or_url(each, "id") for each in subjects
    )


def _has_times(document: Document) -> bool:
    try:
        begins, ends = (timestamps.read(document[name]) if name in document else None for name in _TIMES)
    except ValueError:
        return False
    return begins is None or ends is None or begins <= ends


def _has_texts(document: Document) -> bool:
    return all(
        _is_text(each) for name in ("name", "description") if name in document for each in listed(document[name])
    )


def _is_text(value: Any) -> bool:
    """Section 11.1: a text, or one with its language and direction."""
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or not value.keys() <= {"@value", "@language", "@direction"}:
        return False
    language, direction = value.get("@language", "und"), value.get("@direction", "ltr")
    speaks = isinstance(language, str) and bool(_LANGUAGE.fullmatch(language))
    return isinstance(value.get("@value"), str) and speaks and direction in ("ltr", "rtl", "auto")


def _flaw_of_parts(document: Document) -> str:
    for name in _TYPED:
        for part in listed(document.get(name, [])):
            if not isinstance(part, dict) or not all(isinstance(each, str) for each in listed(part.get("type"))):
                return f"its {name} does not say of what type it is"
            if not _is_absent_or_url(part, "id") or (name in _TYPED_AND_NAMED and "id" not in part):
                return f"its {name} has no id that is a URL"
    return _flaw_of_resources(listed(document.get("relatedResource", [])))


def _flaw_of_resources(resources: list[Any]) -> str:
    if not all(isinstance(each, dict) and is_url(each.get("id")) for each in resources):
        return "its relatedResource has no id that is a URL"
    if len({each["id"] for each in resources}) != len(resources):
        return "it names a relatedResource twice"
    if not all("digestSRI" in each or "digestMultibase" in each for each in resources):
        return "its relatedResource has no digest"
    return ""


_TIMES = ("validFrom", "validUntil")
_RULES: tuple[tuple[Callable[[Document], bool], str], ...] = (
    (
        lambda document: _is_of_type(document, "VerifiableCredential"),
        'its type does not include "VerifiableCredential"',
    ),
    (lambda document: _is_absent_or_url(document, "id"), "its id is no URL"),
    (lambda document: identity_of(document.get("issuer")) != "", "it does not name its issuer by a URL"),
    (_has_subjects, "it says nothing of anybody (credentialSubject)"),
    (_has_times, "validFrom and validUntil are not two instants in this order, as in 2026-01-31T12:00:00Z"),
    (_has_texts, "its name or description is no text, nor one with its language"),
)
