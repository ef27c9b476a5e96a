"""What people would take for a DID."""

from __future__ import annotations

import pytest

from services.messages.likeness import looks_like_did


@pytest.mark.parametrize(
    "name",
    [
        "did:key:z6Mk",
        "DID:web:example.org",
        "\uff44\uff49\uff44\uff1akey",  # Full width.
        "\U0001d68d\U0001d692\U0001d68d:key",  # Mathematical.
        "\u217e\u2170\u217e:key",  # Roman numerals.
        "\u24d3\u24d8\u24d3:key",  # In circles.
        "\u0501\u0456\u0501:key",  # Cyrillic.
        "D\u0406D:key",
        "d\u0131d:key",
        "\u13a0\u13a5\u13a0:key",  # Cherokee.
        "d\u0301i\u0308d\u0323:key",
        "did\u02d0key",
        "did\ua789key",
        "did\u0903key",
    ],
    ids=ascii,
)
def test_it_looks_like_a_did(name: str) -> None:
    assert looks_like_did(name)


@pytest.mark.parametrize(
    "name",
    ["Ana", "Didier", "Candid: a shop", "D\u00eddac", "\u0414\u0438\u0434", "Did you pay?", "\u674e\u96f7", "di:d", ""],
)
def test_it_is_a_name(name: str) -> None:
    assert not looks_like_did(name)
