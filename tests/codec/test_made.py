"""What this process has just made is written down as if it were read: the parts that it remembers change nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codec import pasted
from services.codec.domain import QrFormat, TextFormat
from services.codec.usecases import Codec, write
from services.credentials.issuing import issue
from services.credentials.keys import IssuerKey
from services.credentials.proofs import secure
from services.messages import secured
from services.messages.canonical import canonical
from services.messages.document import to_document, to_timestamp
from services.messages.message import Message
from tests.credentials.parties import STATUS, SUITES, a_key, a_request
from tests.messages_strategies import messages

KEYS = [a_key(kind) for kind in SUITES] + [a_key(SUITES[0]).named("did:web:pay.example.org")]
ELSEWHERE = "https://pay.example.org/a,b/status-lists/3"
statuses = st.sampled_from(
    [
        None,
        STATUS,
        {**STATUS, "statusListIndex": "04711"},
        {**STATUS, "more": "of it"},
        # That of which no reader takes the address.
        {**STATUS, "id": f"{ELSEWHERE}#4711", "statusListCredential": ELSEWHERE},
    ]
)


class NoPictures:
    async def texts_in(self, image: bytes) -> list[str]:
        return []


async def no_picture(_text: str, _format: QrFormat) -> bytes:
    return b""


@given(messages(), st.sampled_from(KEYS), statuses)
def test_a_credential_of_a_moment_ago_gives_the_text_that_it_gives_when_read(
    message: Message, key: IssuerKey, status: dict[str, Any] | None
) -> None:
    made = issue(replace(message, issuer=key.did), key, status)
    assert secured.known(made.json)
    at_once = write(made.json, TextFormat.COMPACT)

    secured.forget()

    assert write(made.json, TextFormat.COMPACT) == at_once
    assert Codec(NoPictures(), no_picture).decode_text(at_once[1]) == pasted.read(at_once[1])


@given(messages(), st.sampled_from(KEYS), statuses)
def test_a_credential_is_that_of_its_document_with_its_proof(
    message: Message, key: IssuerKey, status: dict[str, Any] | None
) -> None:
    stated = replace(message, issuer=key.did)
    document = to_document(stated) | ({"credentialStatus": status} if status else {})

    expected = canonical(secure(document, key, to_timestamp(stated.issued_at))[0]).decode()

    assert issue(stated, key, status).json == expected


@pytest.mark.parametrize(
    "text", ['","type":["VerifiableCredential","', '"credentialSubject":{', '"type":"DataIntegrityProof"']
)
def test_a_text_that_looks_like_a_part_of_the_credential_is_none(text: str) -> None:
    key = KEYS[0]
    stated = a_request(issuer=key.did, description=text)

    expected = canonical(secure(to_document(stated), key, to_timestamp(stated.issued_at))[0]).decode()

    assert issue(stated, key).json == expected
