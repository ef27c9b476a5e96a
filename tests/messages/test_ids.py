"""Ids that only their signer can use."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.messages.ids import may_use, new_id_of
from tests.conversations import HOST, NOON, STRANGER

ROOT = Path(__file__).parents[2]
# Made once by these rules and written down in docs/messages.md for other signers.
AN_ID = UUID("01a1fdfa-4600-8abc-80f5-8cda07698482")


@given(st.integers(0, 2**41), st.text(max_size=40), st.text(max_size=40))
def test_an_id_is_its_signers_and_nobody_elses(milliseconds: int, signer: str, other: str) -> None:
    made = new_id_of(signer, NOON + timedelta(milliseconds=milliseconds))

    assert (made.version, made.variant) == (8, uuid7().variant)
    assert may_use(made, signer)
    assert may_use(made, other) == (other == signer)


@given(st.integers(0, 127))
def test_no_bit_of_an_id_can_be_changed(place: int) -> None:
    changed = UUID(int=new_id_of(HOST, NOON).int ^ 1 << place)

    assert not may_use(changed, HOST) or changed.version != 8


def test_ids_are_in_the_order_of_their_times() -> None:
    ids = [new_id_of(HOST, NOON + timedelta(milliseconds=number)) for number in range(100)]

    assert ids == sorted(ids)
    assert ids[0].int >> 80 == NOON.timestamp() * 1000


def test_two_ids_of_one_moment_differ() -> None:
    assert len({new_id_of(HOST, NOON) for _ in range(20)}) > 10


def test_an_id_of_another_version_is_of_whoever_comes_first() -> None:
    for each in (uuid7(), uuid4()):
        assert may_use(each, HOST)
        assert may_use(each, STRANGER)


def test_the_documented_id_is_made_by_the_documented_rule() -> None:
    assert may_use(AN_ID, HOST)
    assert not may_use(AN_ID, STRANGER)
    assert str(AN_ID) in (ROOT / "docs/messages.md").read_text()
