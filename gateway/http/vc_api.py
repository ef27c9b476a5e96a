"""The W3C CCG's VC-API: issuing and verifying credentials of any kind (https://w3c-ccg.github.io/vc-api/)."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from counterfoil.credentials.v1.credential_pb2 import SECURING_FORMAT_DATA_INTEGRITY, SECURING_FORMAT_VC_JWT
from gateway.http import envelopes, results
from gateway.http.bodies import OperatorRoute, StrictRoute
from gateway.http.dependencies import OPERATOR_TOKEN, CredentialFlows
from gateway.http.problems import responses

Document = dict[str, Any]


class _Verifying(StrictRoute):
    # The specification names this for whatever is wrong with a body.
    shape_status = 400


class _Issuing(OperatorRoute):
    shape_status = 400


issuing = APIRouter(route_class=_Issuing, tags=["credentials"])
verifying = APIRouter(route_class=_Verifying, tags=["credentials"])
_OF_ALL = responses(400, 408, 413, 500, 503, 504)
# 400 is a problem or, in the VC-API's terms, the result of a verification that failed.
_OF_VERIFYING: dict[int | str, dict[str, Any]] = {
    **_OF_ALL,
    400: {**_OF_ALL[400], "content": {**_OF_ALL[400]["content"], "application/json": {"schema": {}}}},
}


class CredentialStatus(BaseModel):
    """What kind of status entry the credential is to get."""

    type: Literal["BitstringStatusListEntry"] = "BitstringStatusListEntry"
    statusPurpose: Literal["revocation"] = "revocation"  # noqa: N815 - the specification's name


class IssueOptions(BaseModel):
    """The VC-API's own options have no use here: selective disclosure and names for what has no `id`."""

    model_config = ConfigDict(extra="ignore")

    # Makes the credential revocable by its `id`.
    credentialStatus: CredentialStatus | None = None  # noqa: N815
    # How to carry the signature: embedded, or as an envelope around the credential.
    securingMechanism: Literal["DataIntegrityProof", "vc+jwt"] = "DataIntegrityProof"  # noqa: N815


class IssueRequest(BaseModel):
    credential: Document
    options: IssueOptions = IssueOptions()


class VerifyCredentialOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    returnCredential: bool = False  # noqa: N815


class VerifyCredentialRequest(BaseModel):
    # An object with its proof, an EnvelopedVerifiableCredential, or a compact JWS.
    verifiableCredential: Document | str  # noqa: N815
    options: VerifyCredentialOptions = VerifyCredentialOptions()


class VerifyPresentationOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    challenge: str = ""
    domain: str = ""
    returnPresentation: bool = False  # noqa: N815


class VerifyPresentationRequest(BaseModel):
    verifiablePresentation: Document  # noqa: N815
    options: VerifyPresentationOptions = VerifyPresentationOptions()


@issuing.post(
    "/credentials/issue",
    status_code=201,
    responses={**_OF_ALL, **responses(401, 403, 409)},
    openapi_extra={"security": [{OPERATOR_TOKEN: []}]},
)
async def issue_credential(asked: IssueRequest, credentials: CredentialFlows) -> Response:
    """The VC-API: signs any credential. For the operator."""
    enveloped = asked.options.securingMechanism == "vc+jwt"
    signed = await credentials.sign_document(
        json.dumps(asked.credential),
        SECURING_FORMAT_VC_JWT if enveloped else SECURING_FORMAT_DATA_INTEGRITY,
        revocable=asked.options.credentialStatus is not None,
    )
    credential = envelopes.wrap(signed) if enveloped else json.loads(signed)
    return _json({"verifiableCredential": credential}, 201)


@verifying.post("/credentials/verify", responses=_OF_VERIFYING)
async def verify_credential(asked: VerifyCredentialRequest, credentials: CredentialFlows) -> Response:
    """The VC-API: checks any credential. 400 when it does not hold."""
    found = await credentials.verify_any(envelopes.open_or_write(asked.verifiableCredential))
    result = results.of_credential(found.verdict)
    if asked.options.returnCredential:
        result["verifiableCredential"] = asked.verifiableCredential
    return _answer(result)


@verifying.post("/presentations/verify", responses=_OF_VERIFYING)
async def verify_presentation(asked: VerifyPresentationRequest, credentials: CredentialFlows) -> Response:
    """The VC-API: checks any presentation, and the credentials in it. 400 when something does not hold."""
    presentation = json.dumps(asked.verifiablePresentation)
    found = await credentials.verify_presentation(presentation, asked.options.challenge, asked.options.domain)
    result = results.of_presentation(found)
    if asked.options.returnPresentation:
        result["verifiablePresentation"] = asked.verifiablePresentation
    return _answer(result)


def _answer(result: Document) -> Response:
    return _json(result, 200 if result["verified"] else 400)


def _json(value: Document, status: int) -> Response:
    """In ASCII, since what is given back may hold half a surrogate pair, which no UTF-8 can."""
    return Response(json.dumps(value), status, media_type="application/json")
