"""The conversations of the vectors: whole, in part, by several issuers and by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.codec.place import Place
from services.messages.document import message_digest
from services.messages.message import Acknowledgement, Cancellation, Claim, Message, Party, Rejection
from tests.vectors.compact.places import PLACE
from tests.vectors.compact.samples import (
    ANA,
    ANSWER_ID,
    ASKED,
    BO,
    CHAN,
    CLAIM_ID,
    CLAIMED,
    REQUEST_ID,
    SHOP,
    TRANSACTION,
    V4_ID,
    V4_SESSION,
    a_request,
    message,
    usd,
)
from tests.vectors.compact.signing import Signer

# Each message with who signs it and where its bit is.
Conversation = list[tuple[Message, Signer, Place | None]]

SECOND_CLAIM_ID = UUID("019c1399-9b21-7e97-810c-6dad528eb099")
SECOND_ANSWER_ID = UUID("019c139a-8581-7fa8-921d-7ebe639fc1aa")
CANCELLATION_ID = UUID("019c139b-6fe1-70b9-a32e-8fcf74a0d2bb")


def acknowledge(claim: Message, amount: str, signer: Signer = ANA, id: UUID = ANSWER_ID) -> Message:
    return message(id, Acknowledgement(claim.id, message_digest(claim), usd(amount)), signer)


REFERENCE: Conversation = [
    (ASKED, ANA, None),
    (CLAIMED, BO, None),
    (acknowledge(CLAIMED, "1250.50"), ANA, None),
]


def conversations() -> Iterator[tuple[str, Conversation]]:
    yield "reference", REFERENCE
    yield "not answered yet", REFERENCE[:2]
    yield (
        "every message with a place in one status list",
        [(each, signer, replace(PLACE, index=at)) for at, (each, signer, _) in enumerate(REFERENCE)],
    )
    yield "two services with status lists of their own", _two_services()
    yield "one service that speaks for both", _hosted(SHOP)
    yield "P-256, and another amount than the claimed one", _by_chan()
    yield "paid in two parts, one of them rejected, then withdrawn", _parts()
    yield "withdrawn at once", [REFERENCE[0], withdrawn(ASKED)]
    yield "as many partial payments as there is room for", _as_many()
    yield "ids of version 4, and times that are not those of the ids", _odd()
    yield "answered by somebody else than the payee", [*REFERENCE[:2], (acknowledge(CLAIMED, "1250.50", BO), BO, None)]


def _two_services() -> Conversation:
    payee, payer = PLACE, Place("http://localhost:8080", 2, 7)
    return [(each, signer, payee if signer is ANA else payer) for each, signer, _ in REFERENCE]


def _hosted(signer: Signer) -> Conversation:
    asked = message(REQUEST_ID, a_request("Ana"), signer)
    claimed = message(CLAIM_ID, Claim(message_digest(asked), usd("1250.50"), Party("Bo"), TRANSACTION), signer)
    answer = acknowledge(claimed, "1250.50", signer)
    return [(each, signer, replace(PLACE, index=2**at)) for at, each in enumerate((asked, claimed, answer))]


def _by_chan() -> Conversation:
    asked = message(REQUEST_ID, a_request(CHAN.did), CHAN)
    claimed = message(CLAIM_ID, Claim(message_digest(asked), usd("1000.00"), custom_method="at the door"), BO)
    return [(asked, CHAN, None), (claimed, BO, None), (acknowledge(claimed, "999.99", CHAN), CHAN, None)]


def _parts() -> Conversation:
    digest = message_digest(ASKED)
    first = message(CLAIM_ID, Claim(digest, usd("250.50"), Party(BO.did), "first"), BO)
    second = message(SECOND_CLAIM_ID, Claim(digest, usd("1000.00"), Party(BO.did), "second"), BO)
    rejected = message(SECOND_ANSWER_ID, Rejection(SECOND_CLAIM_ID, message_digest(second), "nothing came"))
    signed = [(ASKED, ANA), (first, BO), (acknowledge(first, "250.50"), ANA), (second, BO), (rejected, ANA)]
    return [*((each, signer, None) for each, signer in signed), withdrawn(ASKED)]


def _as_many() -> Conversation:
    asked = message(REQUEST_ID, a_request("Ana", description="", methods=()))
    told: Conversation = [(asked, ANA, None)]
    for at in range(6):
        claim_id, answer_id = (UUID(int=CLAIM_ID.int + 2 * at + more) for more in (0, 1))
        claimed = message(claim_id, Claim(message_digest(asked), usd("200.00")))
        told += [(claimed, ANA, None), (acknowledge(claimed, "200.00", id=answer_id), ANA, None)]
    return told


def _odd() -> Conversation:
    asked = replace(ASKED, session_id=V4_SESSION)
    late = asked.issued_at + timedelta(days=40)
    claimed = Message(V4_ID, V4_SESSION, BO.did, late, Claim(message_digest(asked), usd("1250.50")))
    answer = replace(acknowledge(claimed, "0.01"), session_id=V4_SESSION, issued_at=late)
    return [(asked, ANA, None), (claimed, BO, None), (answer, ANA, None)]


def withdrawn(asked: Message) -> tuple[Message, Signer, Place | None]:
    return message(CANCELLATION_ID, Cancellation(message_digest(asked), "sold to somebody else")), ANA, None
