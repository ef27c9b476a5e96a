"""Hypothesis strategies for every valid message, and the credential around one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

from base58 import b58encode
from hypothesis import assume
from hypothesis import strategies as st

from services.messages.currencies import DECIMALS
from services.messages.document import CONTEXT, to_document
from services.messages.message import (
    DESCRIPTION_BYTES_MAX,
    DETAIL_BYTES_MAX,
    DETAILS_MAX,
    EVIDENCE_BYTES_MAX,
    HANDLE_BYTES_MAX,
    METHOD_BYTES_MAX,
    METHODS_MAX,
    REASON_BYTES_MAX,
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
from services.messages.refusals import InvalidText
from services.messages.text import one_line

_CHARACTERS = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
# What shapes the character before it, with something to shape.
_SHAPED = st.sampled_from(["❤\ufe0f", "✔\ufe0e", "1\ufe0f\u20e3", "ی\u200cم", "🏳\ufe0f\u200d🌈", "ᠨ\u180b"])

uuids = st.uuids()
digests = st.binary(min_size=32, max_size=32)
monies = st.builds(Money, st.integers(1, MINOR_UNITS_MAX), st.sampled_from(sorted(DECIMALS)))
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
did_keys = st.binary(min_size=32, max_size=32).map(lambda key: "did:key:z" + b58encode(b"\xed\x01" + key).decode())
did_webs = st.from_regex(r"did:web:[a-z0-9.-]{1,40}(:[A-Za-z0-9._-]{1,40}){0,4}", fullmatch=True)
dids = did_keys | did_webs


def lines(bytes_max: int) -> st.SearchStrategy[str]:
    """One line of any script, not empty."""
    texts = st.text(_CHARACTERS, min_size=1, max_size=bytes_max) | st.lists(_SHAPED, min_size=1, max_size=9).map(
        "".join
    )
    return texts.map(lambda text: normalize("NFC", text).strip()).filter(lambda text: _is_line(text, bytes_max))


def _is_line(text: str, bytes_max: int) -> bool:
    try:
        return bool(one_line(text, "text", bytes_max))
    except InvalidText:
        return False


handles = lines(HANDLE_BYTES_MAX).filter(lambda text: not text.lower().startswith("did:"))
parties = st.builds(Party, handles | dids)
detail_keys = st.from_regex(r"[a-z0-9_]{1,32}", fullmatch=True).filter(lambda key: key != "method")
methods = st.builds(
    PaymentMethod,
    lines(METHOD_BYTES_MAX),
    st.dictionaries(detail_keys, lines(DETAIL_BYTES_MAX), max_size=DETAILS_MAX),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    offered = st.lists(methods, max_size=METHODS_MAX, unique_by=lambda each: each.method).map(tuple)
    try:
        return Request(
            draw(parties), draw(monies), draw(st.just("") | lines(DESCRIPTION_BYTES_MAX)), draw(offered), draw(instants)
        )
    except InvalidText:  # Each text is valid, but they are too long together.
        assume(False)
        raise


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    used = draw(st.sampled_from(["method", "custom_method", ""]))
    return Claim(
        draw(digests),
        draw(monies),
        draw(st.none() | parties),
        draw(st.none() | lines(EVIDENCE_BYTES_MAX)),
        **({used: draw(lines(METHOD_BYTES_MAX))} if used else {}),
    )


reasons = st.just("") | lines(REASON_BYTES_MAX)
acknowledgements = st.builds(Acknowledgement, uuids, digests, monies)
rejections = st.builds(Rejection, uuids, digests, reasons)
cancellations = st.builds(Cancellation, digests, reasons)
statements = st.one_of(requests(), claims(), acknowledgements, rejections, cancellations)


def messages(about: st.SearchStrategy[Any] = statements) -> st.SearchStrategy[Message]:
    """Valid messages of all five kinds, or with the statements of one strategy."""
    return st.builds(Message, uuids, uuids, dids, instants, about)


def a_proof(issuer: str) -> dict[str, Any]:
    """The form of a Data Integrity proof; nobody has signed it."""
    return {
        "@context": list(CONTEXT),
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-01-31T12:00:00Z",
        "verificationMethod": f"{issuer}#{issuer.rpartition(':')[2]}",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3ofFWHGbRZE1Bi31DFSjqrhgSqfHWoJeo9tEh5ZCVDg1NQUGPGWVRM8zGkGZ5ZPEwP9xjpkqjHUjgoTRMxCDPtD1",
    }


def a_credential(message: Message, **other: Any) -> dict[str, Any]:
    return {**to_document(message), "proof": a_proof(message.issuer), **other}


def as_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
A_SESSION = UUID("0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55")
A_MESSAGE = UUID("0197f2b0-8c1f-7b64-8e1d-3a7c2f5b8d66")
AN_ISSUER = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


def a_message(statement: Any) -> Message:
    """That statement, made on the last of January 2026 by one and the same issuer."""
    return Message(A_MESSAGE, A_SESSION, AN_ISSUER, NOON, statement)


def a_request() -> Request:
    """Two payment methods and a short description, as people write them."""
    return Request(
        payee=Party("Anna's bakery"),
        amount=Money.parse("120.00", "EUR"),
        description="Birthday cake, two layers",
        methods=(
            PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "name": "Anna Keller"}),
            PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
        ),
        expires_at=datetime(2026, 2, 7, 12, tzinfo=UTC),
    )
