"""Any message that the rules allow."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from hypothesis import strategies as st

from services.messages.currencies import DECIMALS
from services.messages.message import (
    Acknowledgement,
    Cancellation,
    Claim,
    Message,
    Party,
    PaymentMethod,
    Rejection,
    Request,
)
from services.messages.money import MINOR_UNITS_MAX, Money
from tests.credentials.parties import MALLORY, SERVICE, STRANGER

_PRINTABLE = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


def texts(bytes_max: int, *, empty: bool = False) -> st.SearchStrategy[str]:
    """One line in NFC within so many bytes."""
    return (
        st.text(_PRINTABLE, max_size=bytes_max // 4)
        .map(lambda text: unicodedata.normalize("NFC", text).strip())
        .filter(lambda text: (empty or text) and len(text.encode()) <= bytes_max)
    )


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
ids = st.uuids()
digests = st.binary(min_size=32, max_size=32)
amounts = st.builds(Money, st.integers(1, MINOR_UNITS_MAX), st.sampled_from(sorted(DECIMALS)))
dids = st.sampled_from([SERVICE.did, STRANGER.did, MALLORY.did])
handles = texts(64).filter(lambda text: not text.lower().startswith("did:"))
parties = st.one_of(dids, handles).map(Party)
details = st.dictionaries(
    st.from_regex(r"[a-z0-9_]{1,32}", fullmatch=True).filter(lambda key: key != "method"), texts(40), max_size=3
)
methods = st.lists(
    st.builds(PaymentMethod, texts(32), details), max_size=3, unique_by=lambda method: method.method
).map(tuple)

requests = st.builds(Request, parties, amounts, texts(200, empty=True), methods, moments)
claims = st.builds(
    Claim, digests, amounts, st.none() | parties, st.none() | texts(200), st.none() | texts(64)
) | st.builds(Claim, digests, amounts, custom_method=texts(64))
answers = (
    st.builds(Acknowledgement, ids, digests, amounts)
    | st.builds(Rejection, ids, digests, texts(200, empty=True))
    | st.builds(Cancellation, digests, texts(200, empty=True))
)


def messages(issuer: str) -> st.SearchStrategy[Message]:
    made: st.SearchStrategy[Message] = st.builds(
        Message, ids, ids, st.just(issuer), moments, requests | claims | answers
    )
    return made
