"""The issuer's keys over time: made, rotated, revoked and re-wrapped, by several processes on one database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from services.credentials.domain import KeyState
from services.credentials.keys import IssuerKey, Keys, WrappedKey
from services.credentials.refusals import KeyNotFound
from services.credentials.suites import KeyKind
from services.credentials.vault import Vault, WillNotOpen
from services.runtime.log import log
from services.runtime.settings import BadSetting

# How long this process may not know what another did to the keys. Looking takes a quarter of a millisecond.
FRESH_SECONDS = 0.5


class KeyStore(Protocol):
    async def keys(self) -> list[WrappedKey]:
        """All keys, newest first."""
        ...

    async def make_current(self, key: WrappedKey, *, instead_of: str | None) -> None:
        """Keeps a key as the current one, unless another has become current since `instead_of` was."""
        ...

    async def revoke_key(self, did: str, at: datetime, replacement: WrappedKey) -> bool:
        """Revokes a key and erases it; when it is current the replacement is. False when it was revoked before."""
        ...

    async def rewrap(self, keys: list[WrappedKey]) -> None: ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


class KeyRing:
    """Knows the keys as they were half a second ago at most."""

    def __init__(
        self,
        store: KeyStore,
        vault: Vault,
        kind: KeyKind,
        web: str | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._store = store
        self._vault = vault
        self._kind = kind
        self._web = web
        self._now = now
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._keys = Keys((), {}, web)

    async def open(self) -> None:
        """Opens every key, re-wraps those that need it, makes one of its kind current where none is.

        Raises BadSetting for a wrong wrapping key.
        """
        await self._rewrap(await self._store.keys())
        keys = await self.reload()
        if not keys.stored or keys.current_stored.kind != self._kind:
            await self._make(self._kind, keys.current_stored.did if keys.stored else None)

    async def fresh(self) -> Keys:
        """The keys as any process saw them half a second ago at most."""
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return self._keys
        return await self.reload()

    async def reload(self) -> Keys:
        """The keys as they are now. Who waits for somebody else's look takes that."""
        asked_at = time.monotonic()
        async with self._reading:
            if self._read_at <= asked_at:
                read_at = time.monotonic()
                stored = tuple(await self._store.keys())
                if stored != self._keys.stored:
                    self._keys = Keys(stored, self._open(stored), self._web)
                self._read_at = read_at
        return self._keys

    async def signer(self, issuer: str) -> IssuerKey | None:
        """The key for an issuer; another process may have made it a moment ago."""
        return (await self.fresh()).signer(issuer) or (await self.reload()).signer(issuer)

    async def rotate(self, kind: KeyKind | None = None, replaces: str = "") -> Keys:
        """Makes a new key current and retires the one before, unless that is no longer the one to replace."""
        keys = await self.reload()
        if not replaces or keys.find(replaces) is keys.current_stored:
            return await self._make(kind or self._kind, keys.current_stored.did)
        return keys

    async def revoke(self, verification_method: str) -> tuple[Keys, WrappedKey]:
        """Revokes a key; when it is current, one of the same kind takes its place."""
        key = (await self.reload()).find(verification_method)
        if key is None:
            raise KeyNotFound
        replacement = self._vault.make(key.kind, self._now())
        if await self._store.revoke_key(key.did, self._now(), replacement):
            log.info("issuer key revoked", key=key.did)
        keys = await self.reload()
        if keys.current_stored.did == replacement.did:
            log.info("issuer key in use", key=replacement.did, kind=replacement.kind, instead_of=key.did)
        return keys, next(each for each in keys.stored if each.did == key.did)

    async def _make(self, kind: KeyKind, instead_of: str | None) -> Keys:
        fresh = self._vault.make(kind, self._now())
        await self._store.make_current(fresh, instead_of=instead_of)
        # Read again, because another process may have been first.
        keys = await self.reload()
        if keys.current_stored.did == fresh.did:
            log.info("issuer key in use", key=fresh.did, kind=kind, instead_of=instead_of)
        return keys

    async def _rewrap(self, stored: list[WrappedKey]) -> None:
        try:
            rewrapped = [self._vault.rewrap(key) for key in stored if key.state is not KeyState.REVOKED]
        except WillNotOpen:
            raise BadSetting(
                "COUNTERFOIL_KEY_ENCRYPTION_KEY: does not open the issuer keys in the database; give the key they were "
                "wrapped with, or put its file key-encryption-key back into the data directory"
            ) from None
        if changed := [key for key in rewrapped if key]:
            await self._store.rewrap(changed)
        for key in changed:
            log.info("issuer key re-wrapped", key=key.did)

    def _open(self, stored: tuple[WrappedKey, ...]) -> dict[str, IssuerKey]:
        """Opens what is new. A key that another process wrapped otherwise does not sign here, and stops no other."""
        opened = {}
        for key in stored:
            try:
                if key.state is not KeyState.REVOKED:
                    opened[key.did] = self._keys.opened.get(key.did) or self._vault.open(key)
            except WillNotOpen:
                log.error("issuer key does not open", key=key.did)
        return opened
