"""The format CLASSIC: a JSON object, zlib, Base64.

    {session_id, message_id, type, amount, currency, preferences, expiry, proof?, vc?}

`type` is request, sent, received, rejected or cancelled; `amount` the canonical decimal text; `expiry` a UTC time
such as 2026-01-31T12:00:00Z. A field that a kind of message does not have is left out: only a request has preferences
and an expiry, only a claim has a proof (its evidence, where it has some), a rejection or cancellation has no amount.
`vc` is the signed credential, which says all of it again; a message without one is read, but nobody has signed it.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

from services.codec.domain import QR_TEXT_BYTES_MAX, Reading, TextDamaged, TextFormat
from services.messages.canonical import JSON_BYTES_MAX, canonical, read_json
from services.messages.document import from_document, from_timestamp, without_security
from services.messages.message import (
    EVIDENCE_BYTES_MAX,
    METHODS_MAX,
    Acknowledgement,
    Claim,
    Kind,
    Message,
    PaymentMethod,
    Request,
)
from services.messages.money import Money
from services.messages.refusals import MalformedMessage
from services.messages.text import one_line
from services.runtime.refusals import InvalidArgument

_OPTIONAL = {"amount", "currency", "preferences", "expiry", "proof"}
_REQUIRED = {
    Kind.REQUEST: {"session_id", "message_id", "type", "amount", "currency", "preferences", "expiry"},
    Kind.CLAIM: {"session_id", "message_id", "type", "amount", "currency"},
    Kind.ACKNOWLEDGEMENT: {"session_id", "message_id", "type", "amount", "currency"},
    Kind.REJECTION: {"session_id", "message_id", "type"},
    Kind.CANCELLATION: {"session_id", "message_id", "type"},
}


def write(credential: str) -> str:
    """The text of a signed credential; always fits a QR code. Raises MalformedMessage."""
    vc = read_json(credential)
    fields = _fields(_message(vc), vc)
    text = b64encode(zlib.compress(_to_json(fields).encode(), 9)).decode()
    if len(text) > QR_TEXT_BYTES_MAX:
        # The texts of a message are bounded so that it fits; only what secures it can be this long.
        raise MalformedMessage("its proof is too long for a QR code")
    return text


def read(text: str) -> Reading:
    """Reads a text without white space. Raises TextDamaged or MalformedMessage."""
    fields = read_json(_unpack(text))
    if not isinstance(fields, dict):
        raise MalformedMessage("it is no JSON object")
    if "vc" not in fields:
        _check_unsigned(fields)
        return Reading(TextFormat.CLASSIC, text, unsigned_fields=_to_json(fields))
    message = _message(fields["vc"])
    if fields != _fields(message, fields["vc"]):
        raise MalformedMessage("its fields are not those of its credential")
    return Reading(TextFormat.CLASSIC, text, message, credential=_to_json(fields["vc"]))


def _fields(message: Message, vc: dict[str, Any]) -> dict[str, Any]:
    statement = message.statement
    fields: dict[str, Any] = {
        "session_id": message.session_text,
        "message_id": message.id_text,
        "type": message.kind.value,
    }
    if isinstance(statement, Request | Claim | Acknowledgement):
        fields |= {"amount": statement.amount.amount, "currency": statement.amount.currency}
    if isinstance(statement, Request):
        # Taken from the credential, where they stand in the same form: what is there twice costs nothing when packed.
        fields |= {"preferences": vc["credentialSubject"].get("paymentMethods", []), "expiry": vc["validUntil"]}
    if isinstance(statement, Claim) and statement.evidence is not None:
        fields["proof"] = statement.evidence
    return fields | {"vc": vc}


def _message(vc: Any) -> Message:
    if not isinstance(vc, dict) or not isinstance(vc.get("proof"), dict):
        raise MalformedMessage("its credential carries no proof")
    # Refuses what nobody can have signed, such as half a character.
    canonical([vc["proof"], vc.get("credentialStatus")])
    return from_document(without_security(vc))


def _unpack(text: str) -> str:
    try:
        packed = b64decode(text, validate=True)
        unpacker = zlib.decompressobj()
        payload = unpacker.decompress(packed, JSON_BYTES_MAX + 1)
    except (ValueError, binascii.Error, zlib.error):
        raise TextDamaged from None
    if len(payload) > JSON_BYTES_MAX:
        raise MalformedMessage(f"it unpacks to more than {JSON_BYTES_MAX} bytes")
    if not unpacker.eof or unpacker.unused_data or b64encode(packed).decode() != text:
        raise TextDamaged
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise MalformedMessage("it is not UTF-8") from None


def _check_unsigned(fields: dict[str, Any]) -> None:
    """Each field must be of its form, and none may be missing or unknown."""
    try:
        required = _REQUIRED[Kind(fields["type"])]
        if not required <= fields.keys() <= required | _OPTIONAL:
            raise ValueError("fields")
        for name in ("session_id", "message_id"):
            if str(UUID(fields[name])) != fields[name]:
                raise ValueError(name)
        _check_values(fields)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InvalidArgument) as error:
        raise MalformedMessage("its fields are not those of a message") from error


def _check_values(fields: dict[str, Any]) -> None:
    if "amount" in fields or "currency" in fields:
        Money.parse(fields["amount"], fields["currency"])
    preferences = fields.get("preferences", [])
    if not isinstance(preferences, list) or len(preferences) > METHODS_MAX:
        raise ValueError("preferences")
    for each in preferences:
        PaymentMethod(each["method"], {key: value for key, value in each.items() if key != "method"})
    if "expiry" in fields:
        from_timestamp(fields["expiry"])
    if "proof" in fields:
        one_line(fields["proof"], "proof", EVIDENCE_BYTES_MAX)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
