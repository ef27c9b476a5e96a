"""The documents that the peers and we show each other: drawn at random, and the same ones in every run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from services.messages.document import Document, to_document
from services.messages.message import Message
from tests import messages_strategies

SEED = 20261001
MESSAGES_OF_A_KIND = 40
CREDENTIALS = 100
CREATED = "2026-10-01T12:00:00Z"
CONTEXT = "https://www.w3.org/ns/credentials/v2"
_T = TypeVar("_T")
# What every reader of JSON takes for the same number: beyond, JavaScript rounds and we refuse.
_SAFE = 2**53 - 1

_texts = st.text(st.characters(codec="utf-8"), max_size=40)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-_SAFE, _SAFE)
    | st.floats(-_SAFE, _SAFE, allow_nan=False)
    | _texts
    | st.sampled_from(['"\\/\b\f\n\r\t', "\u2028\u2029", "\x7f\x80\ufeff", "e\u0301 \u00e9", "\U0001f9fe\U0010ffff"])
)
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=16,
)
# JavaScript sorts keys by UTF-16 code units, in which the second of these comes before the first.
_keys = _texts | st.sampled_from(["\ufb33", "\U0001f600", "__proto__", "constructor", "toJSON", "", "1", "10", "2"])


def messages(issuer: str) -> list[Message]:
    """As many of each of the five kinds, all by that issuer."""
    kinds = (
        messages_strategies.requests(),
        messages_strategies.claims(),
        messages_strategies.acknowledgements,
        messages_strategies.rejections,
        messages_strategies.cancellations,
    )
    drawn = [each for kind in kinds for each in _draw(messages_strategies.messages(kind), MESSAGES_OF_A_KIND)]
    return [replace(message, issuer=issuer) for message in drawn]


def credentials(issuer: str) -> list[Document]:
    """Credentials about anything at all, with whatever JSON has in keys and values."""
    subjects = _draw(st.dictionaries(_keys, _values, min_size=1, max_size=6), CREDENTIALS)
    return [_credential(issuer, subject) for subject in subjects]


def documents(issuer: str) -> list[Document]:
    """300 of them, unsigned: the messages, then the credentials."""
    return [*map(to_document, messages(issuer)), *credentials(issuer)]


def _credential(issuer: str, subject: dict[str, Any]) -> Document:
    return {
        "@context": [CONTEXT, "https://example.org/anything/v1"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": subject,
    }


def _draw(strategy: st.SearchStrategy[_T], count: int) -> list[_T]:
    drawn: list[_T] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: _T) -> None:
        drawn.append(value)

    draw()
    assert len(drawn) >= count
    return drawn[:count]
