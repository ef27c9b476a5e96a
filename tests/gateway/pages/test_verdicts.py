"""What a verdict comes to on a page. Unknown is never a pass."""

from __future__ import annotations

import pytest

from gateway.pages.rendering import headline, holds
from tests.gateway.http.conftest import FAIL, PASS, UNKNOWN, verdict


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ({"signature": PASS, "trust": PASS}, "accepted"),
        ({"signature": PASS, "trust": UNKNOWN}, "verified"),
        ({"signature": PASS, "trust": UNKNOWN, "revocation": FAIL}, "failed"),
        ({"signature": PASS, "validity_time": FAIL}, "failed"),
        ({"signature": FAIL, "trust": PASS}, "refuted"),
        ({"parse": PASS, "signature": UNKNOWN}, "open"),
    ],
)
def test_a_verdict_has_one_headline(outcomes: dict[str, int], word: str) -> None:
    assert headline(verdict(**outcomes)) == word  # type: ignore[arg-type]


def test_a_conversation_is_as_good_as_its_worst_message() -> None:
    assert headline(verdict(signature=PASS), verdict(signature=UNKNOWN), verdict(signature=PASS)) == "open"


@pytest.mark.parametrize(
    ("outcomes", "is_proof"),
    [
        ({"signature": PASS, "trust": UNKNOWN}, True),
        ({"signature": PASS, "validity_time": FAIL}, True),  # A request of last year was made all the same.
        ({"signature": PASS, "revocation": FAIL}, False),
        ({"signature": PASS, "link": FAIL}, False),
        ({"signature": FAIL}, False),
        ({"signature": UNKNOWN}, False),
    ],
)
def test_what_was_revoked_or_refuted_is_no_proof(outcomes: dict[str, int], is_proof: bool) -> None:
    assert holds(verdict(**outcomes)) is is_proof  # type: ignore[arg-type]
