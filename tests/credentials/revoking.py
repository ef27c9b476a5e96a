"""Revoking credentials, and looking at what became of them."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.messages.document import Document
from tests.credentials.test_service import Client

URL = "https://pay.example.org"


async def void(client: Client, id: str) -> None:
    await client.stub.RevokeCredential(rpc.RevokeCredentialRequest(credential_id=id))


async def the_list(client: Client, list_id: str = "1") -> rpc.GetStatusListResponse:
    return await client.stub.GetStatusList(rpc.GetStatusListRequest(list_id=list_id))


async def sign(client: Client, document: Document, **fields: Any) -> str:
    request = rpc.SignDocumentRequest(document=json.dumps(document), **fields)
    return (await client.stub.SignDocument(request)).credential


def status_in(credential: pb.Credential | str) -> Document:
    status = json.loads(credential if isinstance(credential, str) else credential.json)["credentialStatus"]
    assert isinstance(status, dict)
    return status


def is_revoked(signed_list: str, credential: pb.Credential | str) -> bool:
    """By the specification alone, as a stranger reads it."""
    encoded = json.loads(signed_list)["credentialSubject"]["encodedList"]
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=="))
    index = int(status_in(credential)["statusListIndex"])
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


async def accepted(client: Client, text: str) -> bool:
    return (await client.verify(text)).verdict.accepted


def a_document(id: str | None = None, **fields: Any) -> Document:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
        **({"id": id} if id else {}),
        **fields,
    }
