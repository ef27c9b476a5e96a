"""The status lists of this service: places for its credentials, revoking them, and the lists as signed credentials."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.credentials.domain import Finding, Outcome
from services.credentials.keys import IssuerKey, Keys
from services.credentials.own_revocations import OwnRevocations, RevocationStore
from services.credentials.places import Places, PlaceStore
from services.credentials.proofs import secure
from services.credentials.reading import Reading
from services.credentials.refusals import StatusListNotFound
from services.credentials.status_lists import (
    GOOD,
    Broken,
    Place,
    Unusable,
    address_of,
    read_entries,
    to_list,
    to_status,
)
from services.messages.canonical import canonical
from services.messages.document import Document, to_timestamp
from services.runtime.log import log

# A list that did not change is signed anew so often; long before its end.
SIGNED_FOR = timedelta(hours=1)

_ADDRESS = re.compile(r".*/status-lists/([1-9][0-9]{0,8})", re.ASCII)


class StatusStore(PlaceStore, RevocationStore, Protocol):
    async def place_of(self, credential_id: str, issuer: str, at: datetime) -> Place:
        """The place of a credential: the one it has, or a random free one, which then is its own."""
        ...

    async def revoke(self, credential_id: str, at: datetime) -> tuple[Place | None, bool]:
        """The credential's place, if it has one, and whether it was good until now."""
        ...


@dataclass(frozen=True, slots=True)
class _Signed:
    revoked: int
    verification_method: str
    signed_at: datetime
    json: str


class OwnStatusLists:
    """The places of this service's own credentials. Without a public address there are none to be given."""

    def __init__(self, store: StatusStore, public_url: str | None, now: Callable[[], datetime]) -> None:
        self._store = store
        self._public_url = public_url
        self._now = now
        self._places = Places(store, now)
        self._revocations = OwnRevocations(store)
        self._signed: dict[int, _Signed] = {}

    async def take(self, issuer: str) -> Place | None:
        """A place for a credential that is about to be made; None where it gets none."""
        return await self._places.take(issuer) if self._public_url else None

    def give_back(self, issuer: str, place: Place | None) -> None:
        if place:
            self._places.give_back(issuer, place)

    def given(self, place: Place | None, credential_id: str) -> None:
        """The credential was kept at that place."""
        if place:
            self._revocations.given(place, credential_id)

    def status_at(self, place: Place | None) -> Document | None:
        """What a credential says about its place."""
        return to_status(self._public_url, place) if self._public_url and place else None

    async def status_of(self, credential_id: str, issuer: str) -> Document | None:
        """The `credentialStatus` of a credential, the same whenever it is asked for; None where it gets none."""
        return self.status_at(
            await self._store.place_of(credential_id, issuer, self._now()) if self._public_url else None
        )

    async def revoke(self, credential_id: str) -> bool:
        """Whether there was something to revoke: a place in a list. Doing it again changes nothing."""
        place, fresh = await self._store.revoke(credential_id, self._now())
        if place and fresh:
            self._revocations.changed(place.list_id)
            log.info("credential revoked", credential_id=credential_id, status_list=place.list_id, index=place.index)
        return place is not None

    async def check(self, reading: Reading) -> Finding | None:
        """What is known of a credential in this service's name; None where its place is in another's list."""
        try:
            entries = read_entries(reading.document["credentialStatus"])
        except (Unusable, Broken):
            return None
        for entry in entries:
            found = _ADDRESS.fullmatch(entry.address)
            known = await self._revocations.at_place(Place(int(found[1]), entry.index)) if found else None
            if known is None or known[0] != reading.document.get("id"):
                return None
            if known[1]:
                return Outcome.FAIL, f"its issuer has revoked it ({entry.purpose})"
        return GOOD

    async def signed(self, list_id: str, keys: Keys) -> str:
        """A list as a signed credential. Raises StatusListNotFound, also when its issuer's key was revoked."""
        number = int(list_id) if re.fullmatch(r"[1-9][0-9]{0,8}", list_id, re.ASCII) else 0
        known = await self._store.list(number) if self._public_url else None
        signer = keys.signer(known[0]) if known else None
        if known is None or signer is None:
            raise StatusListNotFound
        last = self._signed.get(number)
        if last is None or not self._is_current(last, known[1], signer):
            last = self._signed[number] = await self._sign(number, known[1], signer)
        return last.json

    def _is_current(self, signed: _Signed, revoked: int, signer: IssuerKey) -> bool:
        same = (signed.revoked, signed.verification_method) == (revoked, signer.verification_method)
        return same and self._now() < signed.signed_at + SIGNED_FOR

    async def _sign(self, list_id: int, revoked: int, signer: IssuerKey) -> _Signed:
        assert self._public_url
        now = self._now()
        address = address_of(self._public_url, list_id)
        document = to_list(address, signer.did, await self._store.revoked_in(list_id), now)
        secured, _ = secure(document, signer, to_timestamp(now))
        return _Signed(revoked, signer.verification_method, now, canonical(secured).decode())
