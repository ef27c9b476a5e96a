"""What this process signed a moment ago is read and judged as another process reads and judges it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.domain import Outcome
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages import secured
from services.messages.message import Message
from tests.credentials.parties import NOON, STATUS, SUITES, a_key, a_request, outcomes
from tests.messages_strategies import messages

KEYS = [a_key(kind) for kind in SUITES]
OWN = {key.did for key in KEYS}
REVOKED = {key.verification_method for key in KEYS}
ANY = st.sampled_from(
    [
        Circumstances(NOON),
        Circumstances(NOON, own=OWN),
        Circumstances(NOON + timedelta(days=400), own=OWN),
        Circumstances(NOON, own=OWN, revoked_keys=REVOKED),
        Circumstances(NOON, trusted={"did:web:somebody.example"}),
    ]
)


@given(messages(), st.sampled_from(KEYS), st.sampled_from([None, STATUS]), ANY)
def test_it_is_read_and_judged_as_by_another_process(
    message: Message, key: IssuerKey, status: dict[str, Any] | None, circumstances: Circumstances
) -> None:
    made = issue(replace(message, issuer=key.did), key, status)
    here = read(made.json)

    secured.forget()
    elsewhere = read(made.json)

    assert (here.signed_here, elsewhere.signed_here) == (True, False)
    assert replace(here, signed_here=False) == elsewhere
    assert judge(here, circumstances) == judge(elsewhere, circumstances)


@pytest.mark.parametrize("change", [("two chairs", "ten chairs"), ('"proofValue":"z', '"proofValue":"z1'), ("}", " }")])
def test_a_text_that_differs_by_a_letter_is_one_of_a_stranger(change: tuple[str, str]) -> None:
    key = KEYS[0]
    made = issue(a_request(issuer=key.did, description="two chairs"), key)

    reading = read(made.json.replace(*change))

    assert not reading.signed_here
    expected = Outcome.PASS if change[0] == "}" else Outcome.FAIL
    assert outcomes(judge(reading, Circumstances(NOON, own=OWN)))["signature"] is expected
