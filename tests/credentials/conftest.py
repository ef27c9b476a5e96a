"""What several of these files start from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.credentials import key_ring, wiring
from services.runtime.guarded_fetch import GuardedFetch
from services.runtime.settings import Settings
from tests.credentials.others_lists import HERE
from tests.credentials.parties import STRANGER
from tests.credentials.revoking import URL
from tests.runtime.web import Web, serving


@pytest.fixture
def public(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": URL})


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(tmp_path) as web:
        yield web


@pytest.fixture
def fetching(settings: Settings, web: Web, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The service as somebody runs it who switched fetching on and allowed their own network."""

    def made(allowed: tuple[str, ...]) -> GuardedFetch:
        return GuardedFetch(allowed, resolve=web.resolve, tls=web.trusting)

    monkeypatch.setattr(wiring, "GuardedFetch", made)
    return settings.model_copy(update={"fetch": True, "fetch_allowed": (HERE,)})


@pytest.fixture
def trusting(fetching: Settings) -> Settings:
    """One stranger is trusted besides."""
    return fetching.model_copy(update={"trusted_issuers": (STRANGER.did,)})


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes look at every call, so that no test has to wait for them."""
    monkeypatch.setattr(key_ring, "FRESH_SECONDS", 0.0)
