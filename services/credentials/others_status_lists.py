"""Finding out whether somebody else has revoked a credential of theirs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.credentials import timestamps
from services.credentials.dids import Dids, Fetch
from services.credentials.domain import Finding, Outcome
from services.credentials.keys import Keys
from services.credentials.reading import Reading, read
from services.credentials.status_lists import GOOD, Broken, Entry, Unusable, bits_of, is_set, read_entries
from services.credentials.verification import Circumstances, judge
from services.messages.document import Document
from services.runtime.guarded_fetch import NotFetched

# Lists of 128 KiB at most.
REMEMBERED_MAX = 64
NOT_FOUND_FOR = timedelta(seconds=30)

_ACCEPTED = "application/vc, application/vc+jwt, application/json"
_HAS_TO_PASS = ("parse", "context", "schema", "signature", "key_control", "key_status", "validity_time")


@dataclass(frozen=True, slots=True)
class _Remembered:
    until: datetime
    bits: bytes = b""
    # Why there are none.
    unusable: str = ""


class OthersStatusLists:
    """Lists of issuers that are trusted, fetched where that is switched on."""

    def __init__(self, fetch: Fetch | None, dids: Dids, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._dids = dids
        self._now = now
        self._remembered: OrderedDict[tuple[Entry, str], _Remembered] = OrderedDict()

    async def check(self, reading: Reading, circumstances: Circumstances, keys: Keys) -> Finding:
        """Whether a credential is revoked, whose issuer was found to have signed it and to be trusted.

        The caller sees to that: otherwise the address would be one that an attacker has chosen.
        """
        try:
            for entry in read_entries(reading.document["credentialStatus"]):
                bits = await self._bits(entry, reading.issuer, circumstances, keys)
                if is_set(bits, entry.index):
                    return Outcome.FAIL, f"its issuer has revoked it ({entry.purpose})"
        except Unusable as reason:
            return Outcome.UNKNOWN, str(reason)
        except Broken as flaw:
            return Outcome.FAIL, str(flaw)
        return GOOD

    async def _bits(self, entry: Entry, issuer: str, circumstances: Circumstances, keys: Keys) -> bytes:
        key = Entry(entry.address, 0, entry.purpose), issuer
        known = self._remembered.get(key)
        if known is None or self._now() >= known.until:
            known = await self._ask(entry, issuer, circumstances, keys)
            self._remembered[key] = known
            self._remembered.move_to_end(key)
            if len(self._remembered) > REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        if known.unusable:
            raise Unusable(known.unusable)
        return known.bits

    async def _ask(self, entry: Entry, issuer: str, circumstances: Circumstances, keys: Keys) -> _Remembered:
        if self._fetch is None:
            raise Unusable("its status list is not fetched here (COUNTERFOIL_FETCH)")
        try:
            text = (await self._fetch.get(entry.address, _ACCEPTED)).decode()
            document = await self._verified(text, issuer, circumstances, keys)
            bits, ttl = bits_of(document, entry)
        except (NotFetched, Unusable, UnicodeDecodeError) as reason:
            why = "it is no text" if isinstance(reason, UnicodeDecodeError) else str(reason)
            return _Remembered(self._now() + NOT_FOUND_FOR, unusable=f"its status list is not to be had: {why}")
        return _Remembered(min(self._now() + ttl, _end_of(document)), bits)

    async def _verified(self, text: str, issuer: str, circumstances: Circumstances, keys: Keys) -> Document:
        """The list, signed by the issuer of the credential and good at this time. Raises Unusable."""
        reading = read(text)
        if reading.issuer != issuer:
            raise Unusable("it is in the name of another issuer")
        methods = await self._dids.gather(reading.verification_methods, keys.methods)
        found = Circumstances(circumstances.now, keys.own, revoked_keys=keys.revoked, methods=methods)
        for check in judge(reading, found, any_statement=True).checks:
            if check.name in _HAS_TO_PASS and check.outcome is not Outcome.PASS:
                raise Unusable(check.detail)
        return reading.document


def _end_of(document: Document) -> datetime:
    """When a list that is good now ends, by its own account."""
    return timestamps.read(document["validUntil"]) if "validUntil" in document else datetime.max.replace(tzinfo=UTC)
