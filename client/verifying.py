"""Verifying what a file holds, a credential or a presentation, without a server."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from client.reading import Source
from client.sdk.verifying import loosely, secured_texts, verify_each, verify_presentation
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyCredentialResponse, VerifyPresentationResponse


def verify_offline(
    source: Source,
    *,
    trust: Collection[str],
    pinned: Path | None,
    any_statement: bool,
    challenge: str,
    domain: str,
) -> VerifyCredentialResponse | VerifyPresentationResponse:
    """Raises Refused when no credential can be found in what is given, and UnusablePins."""
    texts = secured_texts(source)
    if _is_presentation(texts[0]):
        return verify_presentation(texts[0], challenge=challenge, domain=domain, trusted=trust, pinned=pinned)
    return verify_each(texts, trusted=trust, pinned=pinned, any_statement=any_statement)


def _is_presentation(text: str) -> bool:
    kinds = loosely(text).get("type")
    return "VerifiablePresentation" in (kinds if isinstance(kinds, list) else [kinds])
