"""What verifiers anywhere fetch: status lists, the DID document, the JSON-LD context."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import services
from gateway.credential_flows import Credentials
from gateway.http.dependencies import CredentialFlows

_DID_DOCUMENT_SECONDS = 300
# It is frozen: what changes gets another version.
_CONTEXT_SECONDS = 30 * 24 * 3600
# By its path, since the gateway imports no service. It is there wherever the gateway is.
_CONTEXT = ("credentials", "contexts", "counterfoil-v1.json")
_READ = ["GET", "HEAD"]

router = APIRouter(include_in_schema=False)


@router.api_route("/status-lists/{list_id}", methods=_READ)
async def get_status_list(list_id: str, request: Request, credentials: CredentialFlows) -> Response:
    """Bitstring Status List 1.0, section 2.4: kept as long as it says, which tells nobody who is being asked about."""
    found = await credentials.status_list(list_id)
    return cached(request, found.credential, "application/vc", found.max_age.seconds)


@router.api_route("/.well-known/did.json", methods=_READ)
async def get_did_document(request: Request, credentials: CredentialFlows) -> Response:
    """did:web, section 2.5.2: where the DID is a host alone."""
    return await _did_document(request, credentials, has_path=False)


@router.api_route("/did.json", methods=_READ)
async def get_did_document_below_path(request: Request, credentials: CredentialFlows) -> Response:
    """did:web, section 2.5.2: where the DID has a path, which the proxy in front of the gateway takes away."""
    return await _did_document(request, credentials, has_path=True)


@router.api_route("/contexts/v1", methods=_READ)
async def get_context(request: Request) -> Response:
    return cached(request, _context(), "application/ld+json", _CONTEXT_SECONDS)


async def _did_document(request: Request, credentials: Credentials, *, has_path: bool) -> Response:
    document = await credentials.did_document()
    did = str(json.loads(document).get("id"))
    if not did.startswith("did:web:"):
        raise HTTPException(404, "the issuer's DID is no did:web, so that it needs no document: it is its own key")
    if (did.count(":") > 2) is not has_path:
        raise HTTPException(404, "the issuer's DID leads to another address; see the did:web method, section 2.5.2")
    return cached(request, document, "application/did+json", _DID_DOCUMENT_SECONDS)


@cache
def _context() -> str:
    return files(services).joinpath(*_CONTEXT).read_text()


def cached(request: Request, text: str, media_type: str, seconds: int) -> Response:
    """RFC 9110, section 13.1.2: nothing is sent again to whoever has it."""
    content = text.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers: dict[str, Any] = {"Cache-Control": f"public, max-age={seconds}", "ETag": tag}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "Content-Type": media_type})
