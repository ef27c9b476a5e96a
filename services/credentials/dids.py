"""Finding the keys of others: pinned, remembered, or fetched where that is switched on.

What has to be looked up is looked up before a verdict, which itself asks nobody.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from services.credentials import did_web
from services.credentials.controlled import NotADidDocument, methods_of, read_document
from services.credentials.intrinsic import intrinsic
from services.credentials.methods import NoSuchMethod, OutOfReach, VerificationMethod
from services.messages.document import Document
from services.runtime.guarded_fetch import NotFetched
from services.runtime.settings import BadSetting

# A document of 64 KiB at most each, of which only the keys are kept.
REMEMBERED_MAX = 1024
REMEMBERED_FOR = timedelta(minutes=5)
# Long enough not to ask a host again for every credential that names it.
NOT_FOUND_FOR = timedelta(seconds=30)
# A credential may carry several proofs; whoever signs with more DIDs than this is not looked after.
LOOKED_UP_MAX = 3

_ACCEPTED = "application/did+json, application/did+ld+json, application/json"

# The keys of a DID by their names, or why they are out of reach.
Found = Mapping[str, VerificationMethod] | str


class Fetch(Protocol):
    async def get(self, url: str, accept: str = ...) -> bytes:
        """Raises NotFetched."""
        ...


@dataclass(frozen=True)
class Gathered:
    """The keys at hand for one verdict: this service's own, those looked up, and those that are their own names."""

    own: Mapping[str, VerificationMethod] = field(default_factory=dict)
    found: Mapping[str, Found] = field(default_factory=dict)

    def find(self, verification_method: str) -> VerificationMethod:
        """Raises NoSuchMethod or OutOfReach."""
        if mine := self.own.get(verification_method):
            return mine
        found = self.found.get(verification_method.partition("#")[0])
        if found is None:
            return intrinsic(verification_method)
        if isinstance(found, str):
            raise OutOfReach(found)
        if verification_method not in found:
            raise NoSuchMethod("the DID document of its signer does not list the key that it names")
        return found[verification_method]


class Dids:
    def __init__(self, pinned: Mapping[str, Document], fetch: Fetch | None, now: Callable[[], datetime]) -> None:
        self._pinned = pinned
        self._fetch = fetch
        self._now = now
        self._remembered: OrderedDict[str, tuple[datetime, Found]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Found]] = {}

    async def gather(self, verification_methods: Iterable[str], own: Mapping[str, VerificationMethod]) -> Gathered:
        """The keys that proofs name, as far as they can be had."""
        mine = {method.controller for method in own.values()}
        named = dict.fromkeys(method.partition("#")[0] for method in verification_methods if method not in own)
        looked_up = [did for did in named if did in self._pinned or did.startswith("did:web:")][:LOOKED_UP_MAX]
        others = [did for did in looked_up if did not in mine]
        found: dict[str, Found] = {did: {} for did in looked_up}
        if others:
            found |= zip(others, await asyncio.gather(*map(self._find, others)), strict=True)
        return Gathered(own, found)

    async def _find(self, did: str) -> Found:
        if did in self._pinned:
            return methods_of(self._pinned[did], self._now())
        until, found = self._remembered.get(did, (None, ""))
        if until is not None and self._now() < until:
            return found
        if self._fetch is None:
            return "the keys of a did:web are not fetched here (COUNTERFOIL_FETCH), and its document is not pinned"
        return await self._ask_once(did, self._fetch)

    async def _ask_once(self, did: str, fetch: Fetch) -> Found:
        """Whoever wants a document that is being fetched waits for that; none is fetched in vain when one goes away."""
        if did not in self._asking:
            task = self._asking[did] = asyncio.create_task(self._ask(did, fetch))
            task.add_done_callback(lambda _: self._asking.pop(did, None))
        return await asyncio.shield(self._asking[did])

    async def _ask(self, did: str, fetch: Fetch) -> Found:
        found: Found
        try:
            document = read_document(
                await fetch.get(did_web.to_url(did), "application/did+json, application/json"), did
            )
            found, kept_for = methods_of(document, self._now()), REMEMBERED_FOR
        except did_web.NotADidWeb:
            found, kept_for = "its signer's DID is misspelt", NOT_FOUND_FOR
        except (NotFetched, NotADidDocument) as reason:
            found, kept_for = f"its signer's DID document is not to be had: {reason}", NOT_FOUND_FOR
        self._remembered[did] = (self._now() + kept_for, found)
        self._remembered.move_to_end(did)
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return found


def read_pins(folder: Path | None) -> dict[str, Document]:
    """The DID documents in a directory, by their DIDs. Raises BadSetting, naming the file."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BadSetting(f"COUNTERFOIL_PINNED_DIDS: {folder} is no directory")
    pinned: dict[str, Document] = {}
    for path in sorted(folder.glob("*.json")):
        document = _read_pin(path)
        if document["id"] in pinned:
            raise BadSetting(f"COUNTERFOIL_PINNED_DIDS: {path.name} is the second document of {document['id']}")
        pinned[document["id"]] = document
    return pinned


def _read_pin(path: Path) -> Document:
    try:
        document = read_document(path.read_bytes())
    except (OSError, NotADidDocument) as reason:
        raise BadSetting(f"COUNTERFOIL_PINNED_DIDS: {path.name}: {reason}") from None
    if document["id"].startswith(("did:key:", "did:jwk:")):
        raise BadSetting(f"COUNTERFOIL_PINNED_DIDS: {path.name}: such a DID is its key and has no other document")
    return document
