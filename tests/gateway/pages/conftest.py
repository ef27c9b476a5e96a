"""A browser without scripts, before the whole product."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import Gate

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Site": "same-origin"}
BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
ASKED = {"payee": "Ana", "amount": "120", "currency": "EUR", "description": "two chairs", "lifetime": "week"}


@dataclass
class Browser:
    client: httpx.AsyncClient
    gate: Gate

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return await self.client.post(path, data=fields, headers=headers)

    async def claim(self, asked: Any, **fields: str) -> httpx.Response:
        return await self.post(f"/r/{asked.session.id}/claim", {"amount": "70", **fields})

    async def answer(self, what: str, claimed: Any, token: str, **fields: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        fields = {"claim_id": claimed.credential.message_id, **fields}
        return await self.post(f"/r/{claimed.session.id}/{what}", fields, **headers)


@pytest.fixture
async def browser(both: Gate) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=both.url, headers=BROWSER, follow_redirects=True) as client:
        yield Browser(client, both)


def words(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    body = answer.text.partition("<body>")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", body)).replace("\u00a0", " "))
