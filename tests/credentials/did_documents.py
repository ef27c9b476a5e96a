"""DID documents, and what is signed in the name of their DIDs."""

from __future__ import annotations

import json
from typing import Any

from services.credentials.keys import IssuerKey
from services.messages.document import Document, to_document
from tests.credentials.parties import sign_anything
from tests.credentials.test_service import Client, a_fresh_request, found
from tests.runtime.web import Web


def a_document(did: str, *keys: IssuerKey, **changes: Any) -> Document:
    """A DID document as many write it."""
    methods = [
        {"id": each.named(did).verification_method, "type": "Multikey", "controller": did, **as_multibase(each)}
        for each in keys
    ]
    names = [each["id"] for each in methods]
    document = {"id": did, "verificationMethod": methods, "assertionMethod": names, "authentication": names}
    return {"@context": ["https://www.w3.org/ns/did/v1"], **document, **changes}


def as_multibase(key: IssuerKey) -> Document:
    return {"publicKeyMultibase": key.key.removeprefix("did:key:")}


def signed_by(key: IssuerKey, did: str) -> str:
    """A request in the name of a DID, with a key of that DID as its proof says."""
    named = key.named(did)
    return json.dumps(sign_anything(to_document(a_fresh_request(did)), named, verificationMethod=name_of(named)))


def name_of(key: IssuerKey) -> str:
    return key.verification_method


def did_at(web: Web, path: str = "") -> str:
    return f"did:web:ids.example%3A{web.port}{path}"


async def checks_of(client: Client, text: str) -> dict[str, str]:
    response = await client.verify(text)
    assert response.verdict.verified is all(outcome == "pass" for name, outcome in list(found(response).items())[:6]), (
        "unknown is never verified"
    )
    return found(response)
