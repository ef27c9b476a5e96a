"""What the operator does with keys, and looking at what became of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.runtime.settings import Settings
from tests.credentials.test_service import Client, a_fresh_request, running

WEB = "did:web:pay.example.org"
in_each_name = pytest.mark.parametrize("did_web", [None, "pay.example.org"])


async def keys(client: Client) -> list[pb.IssuerKey]:
    return list((await client.stub.ListKeys(rpc.ListKeysRequest())).keys)


async def rotate(client: Client, **fields: str) -> pb.IssuerKey:
    return (await client.stub.RotateKey(rpc.RotateKeyRequest(**fields))).key


async def revoke(client: Client, method: str) -> pb.IssuerKey:
    return (await client.stub.RevokeKey(rpc.RevokeKeyRequest(verification_method=method))).key


async def did_document(client: Client) -> dict[str, Any]:
    document = json.loads((await client.stub.GetDidDocument(rpc.GetDidDocumentRequest())).document)
    assert isinstance(document, dict)
    return document


def method_in(credential: pb.Credential) -> str:
    return str(json.loads(credential.json)["proof"]["verificationMethod"])


def numbered(issuer: str, number: int) -> Any:
    return replace(a_fresh_request(issuer), id=UUID(int=number))


async def start(settings: Settings) -> None:
    async with running(settings):
        pass
