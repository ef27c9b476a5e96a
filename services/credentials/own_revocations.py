"""Which of this service's own credentials are revoked, mostly from memory."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from services.credentials.key_ring import FRESH_SECONDS
from services.credentials.status_lists import Place, is_set, to_bits
from services.messages.recent import Recent

# With names of a hundred bytes.
PLACES_MAX = 4096


class RevocationStore(Protocol):
    async def at_place(self, place: Place) -> tuple[str, bool] | None:
        """Whose place it is, and whether that was revoked; None when it is nobody's."""
        ...

    async def list(self, list_id: int) -> tuple[str, int] | None:
        """The issuer of a list, and how many of its places are revoked, which tells one version from another."""
        ...

    async def revoked_in(self, list_id: int) -> Iterable[int]: ...


@dataclass(frozen=True, slots=True)
class _List:
    revoked: int
    bits: bytes
    read_at: float


class OwnRevocations:
    """Knows at once what this process revoked, and what another did half a second later at most."""

    def __init__(self, store: RevocationStore) -> None:
        self._store = store
        self._whose: Recent[Place, str] = Recent(PLACES_MAX)
        # 16 KiB each, for some hundred thousand credentials.
        self._lists: dict[int, _List] = {}
        self._changes = 0

    def given(self, place: Place, credential_id: str) -> None:
        """A place is given once and for all."""
        self._whose.put(place, credential_id)

    def changed(self, list_id: int) -> None:
        """Somebody was revoked here. What is being read at this moment may be older, and is not kept."""
        self._changes += 1
        self._lists.pop(list_id, None)

    async def at_place(self, place: Place) -> tuple[str, bool] | None:
        """Whose place it is, and whether that was revoked; None when it is nobody's."""
        if whose := self._whose.get(place):
            return whose, await self._is_revoked(place)
        known = await self._store.at_place(place)
        if known:
            self._whose.put(place, known[0])
        return known

    async def _is_revoked(self, place: Place) -> bool:
        known = self._lists.get(place.list_id)
        if known is None or time.monotonic() - known.read_at > FRESH_SECONDS:
            known = await self._read(place.list_id, known)
        return is_set(known.bits, place.index)

    async def _read(self, list_id: int, known: _List | None) -> _List:
        read_at, changes = time.monotonic(), self._changes
        listed = await self._store.list(list_id)
        assert listed
        if known and known.revoked == listed[1]:
            read = replace(known, read_at=read_at)
        else:
            read = _List(listed[1], to_bits(await self._store.revoked_in(list_id)), read_at)
        if changes == self._changes:
            self._lists[list_id] = read
        return read
