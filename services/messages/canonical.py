"""The canonical form of JSON (RFC 8785) and strict reading of JSON."""

from __future__ import annotations

import json
from typing import Any

import orjson
import rfc8785

from services.messages.refusals import MalformedMessage

JSON_BYTES_MAX = 64 * 1024
_SAFE_INTEGER_MAX = 2**53 - 1


def canonical(document: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises MalformedMessage where there are none: NaN, huge integers, surrogates."""
    try:
        if _is_plain(document):
            # For such values sorted keys and minimal escapes are all that RFC 8785 asks for, at a fraction of the time.
            return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(document)
    except (orjson.JSONEncodeError, rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise MalformedMessage("its JSON has no canonical form") from error


def read_json(text: str | bytes, bytes_max: int = JSON_BYTES_MAX) -> Any:
    """Reads JSON within bounds. Raises MalformedMessage, also for duplicate keys and NaN."""
    if len(text) > bytes_max:
        raise MalformedMessage(f"its JSON is longer than {bytes_max} bytes")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_short_int)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("it is not valid JSON") from error


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items())
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    return kind is int and -_SAFE_INTEGER_MAX <= value <= _SAFE_INTEGER_MAX


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedMessage("its JSON has the same key twice")
    return found


def _no_constant(name: str) -> None:
    raise MalformedMessage(f"its JSON holds {name}")


def _short_int(digits: str) -> int:
    # int() takes quadratic time; no honest integer is longer.
    if len(digits) > 20:
        raise MalformedMessage("its JSON holds a huge integer")
    return int(digits)
