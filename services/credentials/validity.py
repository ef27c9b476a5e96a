"""From when until when a credential holds, by its own account and by that of what secures it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.credentials import timestamps
from services.credentials.domain import Finding, Outcome
from services.credentials.reading import Reading

# How far clocks of honest people are apart.
SKEW = timedelta(minutes=5)


def check_validity(reading: Reading, now: datetime) -> Finding:
    """Whether it has begun and not expired: `validFrom` and `validUntil`, the dates of its proofs, `nbf` and `exp`."""
    try:
        begins = [*_stamps(reading.document, "validFrom"), *_numbers(reading.claims, "nbf", "iat")]
        begins += [moment for proof in reading.proofs for moment in _stamps(proof, "created")]
        ends = [*_stamps(reading.document, "validUntil"), *_numbers(reading.claims, "exp")]
    except (ValueError, TypeError, OverflowError, OSError):
        return Outcome.UNKNOWN, "it does not say from when until when it holds"
    if begins and max(begins) > now + SKEW:
        return Outcome.FAIL, "it is dated in the future; compare your clock with the sender's"
    if ends and min(ends) <= now:
        return Outcome.FAIL, f"it expired at {min(ends).isoformat()}; ask the sender for a new one"
    return Outcome.PASS, "it holds at this time"


def _stamps(document: dict[str, Any], name: str) -> list[datetime]:
    return [timestamps.read(document[name])] if name in document else []


def _numbers(claims: dict[str, Any], *names: str) -> list[datetime]:
    """NumericDate (RFC 7519, section 2): seconds since 1970, perhaps with a fraction."""
    found = [claims[name] for name in names if name in claims]
    if not all(type(each) in (int, float) for each in found):
        raise TypeError("no NumericDate")
    return [datetime.fromtimestamp(each, UTC) for each in found]
