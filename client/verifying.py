"""Verifying without a server and without a network: the credentials service's own rules, in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client.reading import Source
from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyCredentialResponse, VerifyPresentationResponse
from gateway.http.envelopes import open_or_write
from services.codec import pasted, qr_reading
from services.codec.domain import ForeignQrCode, NoQrCode, SeveralQrCodes
from services.credentials.controlled import methods_of
from services.credentials.dids import Gathered, read_pins
from services.credentials.domain import Verdict
from services.credentials.presentations import verify_presentation
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages.protobuf import to_message

_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


def verify_offline(
    source: Source,
    *,
    trust: Collection[str],
    pinned: Path | None,
    any_statement: bool,
    challenge: str,
    domain: str,
) -> VerifyCredentialResponse | VerifyPresentationResponse:
    """Raises a Refusal when no credential can be found in what is given, and BadSetting for pins that do not do."""
    circumstances = _circumstances(trust, pinned)
    text = _secured_text(source)
    if _is_presentation(text):
        found = verify_presentation(text, challenge, domain, circumstances)
        return VerifyPresentationResponse(verdict=to_verdict(found), credentials=map(to_verdict, found.credentials))
    reading = read(text)
    return VerifyCredentialResponse(
        verdict=to_verdict(judge(reading, circumstances, any_statement)),
        message=to_message(reading.message) if reading.message else None,
        digest=reading.message_digest,
    )


def to_verdict(verdict: Verdict) -> credential_pb2.Verdict:
    checks = [
        credential_pb2.Check(
            name=check.name,
            outcome=credential_pb2.CheckOutcome.Value(f"CHECK_OUTCOME_{check.outcome.name}"),
            detail=check.detail,
        )
        for check in verdict.checks
    ]
    return credential_pb2.Verdict(checks=checks, verified=verdict.verified, accepted=verdict.accepted)


def _circumstances(trust: Collection[str], pinned: Path | None) -> Circumstances:
    now = datetime.now(UTC)
    known = {did: methods_of(document, now) for did, document in read_pins(pinned).items()}
    return Circumstances(now, trusted=frozenset(trust), methods=Gathered(found=known))


def _secured_text(source: Source) -> str:
    """The credential or presentation as JSON or as a compact JWS, whatever it came in."""
    text = _text_in_picture(source["image"]) if "image" in source else source["text"].strip()
    if text.startswith("{"):
        return _out_of_envelope(text)
    return text if _COMPACT_JWS.fullmatch(text) else pasted.read(text).credential


def _text_in_picture(image: bytes) -> str:
    texts = qr_reading.texts_in(image)
    if not texts:
        raise NoQrCode
    if len(texts) > 1:
        raise SeveralQrCodes
    if not pasted.may_be_message(texts[0]):
        raise ForeignQrCode
    return texts[0]


def _out_of_envelope(text: str) -> str:
    value = _loosely(text)
    return open_or_write(value) if value.get("type") == "EnvelopedVerifiableCredential" else text


def _is_presentation(text: str) -> bool:
    kinds = _loosely(text).get("type")
    return "VerifiablePresentation" in (kinds if isinstance(kinds, list) else [kinds])


def _loosely(text: str) -> dict[str, Any]:
    """Only to see what it is; whether it is well-formed is for the verdict to say."""
    try:
        value = json.loads(text) if text.startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
