"""Messages with a place in a status list, as an issuer with a public address writes them."""

from __future__ import annotations

from collections.abc import Iterator

from services.codec.place import Place
from services.messages.document import message_digest
from services.messages.message import Acknowledgement
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
    Sample,
    a_request,
    message,
    usd,
)

PLACE = Place("https://pay.example.org", 1, 104_729)


def placed() -> Iterator[tuple[Sample, Place]]:
    received = Acknowledgement(CLAIM_ID, message_digest(CLAIMED), usd("1250.50"))
    yield ("request: with a place in a status list", ASKED, ANA), PLACE
    yield ("claim: with a place in a status list", CLAIMED, BO), PLACE
    yield ("acknowledgement: with a place in a status list", message(ANSWER_ID, received), ANA), PLACE
    yield ("acknowledgement: P-256, with a place", message(ANSWER_ID, received, CHAN), CHAN), PLACE
    shop = message(REQUEST_ID, a_request("Ana's shop"), SHOP)
    yield ("request: did:web, the first place of a list on this machine", shop, SHOP), _LOCAL
    yield ("request: the last place of the last list", ASKED, ANA), _LAST


_LOCAL = Place("http://localhost:8080", 1, 0)
_LAST = Place("https://pay.example.org:8443/shops/7/status-lists/9", 2**32 - 1, 2**32 - 1)
