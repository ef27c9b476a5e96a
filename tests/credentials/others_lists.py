"""A stranger's status list, on a server of their own."""

from __future__ import annotations

import json
from typing import Any

from services.credentials.keys import IssuerKey
from services.credentials.status_lists import Place, to_list, to_status
from services.messages.document import to_document
from services.runtime.settings import Settings
from tests.credentials.parties import STRANGER, sign_anything
from tests.credentials.test_service import a_fresh_request, found, now, running
from tests.runtime.web import Web

LIST = "/status-lists/7"
HERE = "127.0.0.0/8"


def theirs(web: Web, key: IssuerKey = STRANGER, index: int = 5, issuer: str = "", **status: Any) -> str:
    """A stranger's request with a place in their list."""
    entry = {**to_status(web.url("").rstrip("/"), Place(7, index)), **status}
    document = {**to_document(a_fresh_request(issuer or key.did)), "credentialStatus": entry}
    return json.dumps(sign_anything(document, key))


def publish(web: Web, *revoked: int, key: IssuerKey = STRANGER, subject: Any = None, **changes: Any) -> None:
    document = to_list(web.url(LIST), key.did, revoked, now()) | changes
    document["credentialSubject"] |= subject or {}
    web.pages[LIST] = json.dumps(sign_anything(document, key)).encode()


async def revocation(settings: Settings, text: str) -> tuple[str, str]:
    async with running(settings) as client:
        response = await client.verify(text)
    assert response.verdict.accepted is (set(found(response).values()) == {"pass"})
    check = next(check for check in response.verdict.checks if check.name == "revocation")
    return found(response)["revocation"], check.detail
