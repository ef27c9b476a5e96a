"""Verifying without a server and without a network: the credentials service's own rules, in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client.sdk.failures import UnusablePins
from client.sdk.verdicts import refused, to_verdict, worst
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyCredentialResponse, VerifyPresentationResponse
from gateway.http.envelopes import open_or_write
from services.codec import pasted, qr_reading
from services.codec.domain import IMAGE_BYTES_MAX, ImageTooLarge
from services.credentials import presentations
from services.credentials.controlled import methods_of
from services.credentials.conversation import before
from services.credentials.dids import Gathered, read_pins
from services.credentials.domain import Verdict
from services.credentials.reading import Reading, read
from services.credentials.verification import Circumstances, judge
from services.messages.message import Message
from services.messages.protobuf import to_message
from services.runtime.refusals import Refusal
from services.runtime.settings import BadSetting

_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


def verify(
    credential: str | bytes,
    *,
    trusted: Collection[str] = (),
    pinned: Path | None = None,
    any_statement: bool = False,
) -> VerifyCredentialResponse:
    """The verdict on a credential, and its message where it is one of Counterfoil's.

    It is given as `str`, a Counterfoil text, JSON or a compact JWS, or as `bytes`, a picture of its QR code. Every
    check is made whatever became of those before it; one that would have to ask somebody is unknown.

    `trusted` are the DIDs whose statements are accepted, `pinned` is a directory with the DID documents of those that
    are a did:web. With `any_statement` it may be a credential about anything. Raises Refused when no credential can be
    found in what is given, and UnusablePins.

    Of a dossier every message is verified, each in the light of those before it, and the answer is that of the one of
    which least holds: of equals, the last.
    """
    return verify_each(secured_texts(credential), trusted=trusted, pinned=pinned, any_statement=any_statement)


def verify_each(
    credentials: Iterable[str], *, trusted: Collection[str], pinned: Path | None, any_statement: bool
) -> VerifyCredentialResponse:
    """As `verify`, of one credential or of those of a dossier."""
    known: dict[bytes, Message] = {}
    found: list[tuple[Verdict, Reading]] = []
    with _refusing():
        circumstances = _circumstances(trusted, pinned)
        for reading in map(read, credentials):
            conversation = before(reading.message, known.get)
            verdict = judge(reading, replace(circumstances, conversation=conversation), any_statement)
            found.append((verdict, reading))
            if verdict.verified and reading.message:
                known[reading.message_digest] = reading.message
    verdict = worst(verdict for verdict, _ in found)
    reading = next(reading for each, reading in reversed(found) if each is verdict)
    return VerifyCredentialResponse(
        verdict=to_verdict(verdict),
        message=to_message(reading.message) if reading.message else None,
        digest=reading.message_digest,
    )


def verify_presentation(
    presentation: str,
    *,
    challenge: str = "",
    domain: str = "",
    trusted: Collection[str] = (),
    pinned: Path | None = None,
) -> VerifyPresentationResponse:
    """The verdict on a presentation, JSON, and on every credential in it; for the rest, see `verify`.

    `challenge` and `domain` are what its holder was asked to sign, and for whom.
    """
    with _refusing():
        found = presentations.verify_presentation(presentation, challenge, domain, _circumstances(trusted, pinned))
        return VerifyPresentationResponse(verdict=to_verdict(found), credentials=map(to_verdict, found.credentials))


def secured_texts(given: str | bytes) -> tuple[str, ...]:
    """The credential or presentation as JSON or a compact JWS, in whatever; all of a dossier. Raises Refused."""
    with _refusing():
        text = given.strip() if isinstance(given, str) else _text_in_picture(given)
        if text.startswith("{"):
            return (_out_of_envelope(text),)
        if _COMPACT_JWS.fullmatch(text):
            return (text,)
        found = pasted.read(text)
        return found.dossier or (found.credential,)


def loosely(text: str) -> dict[str, Any]:
    """Only to see what it is; whether it is well-formed is for the verdict to say."""
    try:
        value = json.loads(text) if text.startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise refused(refusal) from None
    except BadSetting as flaw:
        raise UnusablePins(str(flaw).removeprefix("COUNTERFOIL_PINNED_DIDS: ")) from None


def _circumstances(trusted: Collection[str], pinned: Path | None) -> Circumstances:
    now = datetime.now(UTC)
    return Circumstances(now, trusted=frozenset(trusted), methods=pinned_methods(pinned, now))


def pinned_methods(pinned: Path | None, now: datetime) -> Gathered:
    """The keys in a directory of DID documents. Raises BadSetting."""
    return Gathered(found={did: methods_of(document, now) for did, document in read_pins(pinned).items()})


def _text_in_picture(image: bytes) -> str:
    if len(image) > IMAGE_BYTES_MAX:
        raise ImageTooLarge
    return pasted.in_picture(qr_reading.texts_in(image))


def _out_of_envelope(text: str) -> str:
    value = loosely(text)
    return open_or_write(value) if value.get("type") == "EnvelopedVerifiableCredential" else text
