"""Verdicts in the VC-API's terms: `verified`, and a problem for every check that keeps it from being so.

The VC-API's `verified` is wider than a verdict's: it also takes a credential that is valid now and not known to be
revoked. Whether it is revoked may be unknown to whoever has no list at hand; that is shown among the checks, and keeps
the credential from being `accepted`. When it is valid is for the credential to say, and not to say is a problem.
"""

from __future__ import annotations

from typing import Any

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1.credentials_service_pb2 import VerifyPresentationResponse

_OUTCOMES = {
    credential_pb2.CHECK_OUTCOME_PASS: "pass",
    credential_pb2.CHECK_OUTCOME_FAIL: "fail",
    credential_pb2.CHECK_OUTCOME_UNKNOWN: "unknown",
}
_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
# VC Data Model 2.0, 7.1 and 10.2; Controlled Identifiers 1.0, 3.5; Data Integrity 1.0, 4.7.
_PROBLEMS_OF_VERIFIED = {
    "parse": _MODEL + "PARSING_ERROR",
    "context": _MODEL + "MALFORMED_VALUE_ERROR",
    "schema": _MODEL + "MALFORMED_VALUE_ERROR",
    "signature": _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR",
    "key_control": _SECURITY + "INVALID_VERIFICATION_METHOD",
    "key_status": _SECURITY + "INVALID_VERIFICATION_METHOD",
    "challenge": _SECURITY + "INVALID_CHALLENGE_ERROR",
    "domain": _SECURITY + "INVALID_DOMAIN_ERROR",
}
_PROBLEMS_WHEN_UNKNOWN = {**_PROBLEMS_OF_VERIFIED, "validity_time": _MODEL + "MALFORMED_VALUE_ERROR"}
# Bitstring Status List 1.0, 3.5.
_PROBLEMS_WHEN_FAILED = {
    **_PROBLEMS_OF_VERIFIED,
    "validity_time": _MODEL + "RANGE_ERROR",
    "revocation": "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
}


def of_credential(verdict: credential_pb2.Verdict) -> dict[str, Any]:
    problems = _problems(verdict)
    return {
        "verified": verdict.verified and not problems,
        "accepted": verdict.accepted,
        "problemDetails": problems,
        "checks": checks_of(verdict),
    }


def of_presentation(found: VerifyPresentationResponse) -> dict[str, Any]:
    result = of_credential(found.verdict)
    credentials = [of_credential(each) for each in found.credentials]
    for index, each in enumerate(credentials):
        pointer = f"/verifiableCredential/{index}"
        result["problemDetails"] += [{**problem, "pointer": pointer} for problem in each["problemDetails"]]
    result["verified"] = result["verified"] and not result["problemDetails"]
    return {**result, "credentials": credentials}


def _problems(verdict: credential_pb2.Verdict) -> list[dict[str, Any]]:
    """What failed. What could not be checked is a problem only where nothing failed, which is mostly why."""
    failed = _of_outcome(verdict, credential_pb2.CHECK_OUTCOME_FAIL, _PROBLEMS_WHEN_FAILED)
    return failed or _of_outcome(verdict, credential_pb2.CHECK_OUTCOME_UNKNOWN, _PROBLEMS_WHEN_UNKNOWN)


def _of_outcome(
    verdict: credential_pb2.Verdict, outcome: credential_pb2.CheckOutcome.ValueType, kinds: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        _problem(check, kinds[check.name])
        for check in verdict.checks
        if check.outcome == outcome and check.name in kinds
    ]


def _problem(check: credential_pb2.Check, kind: str) -> dict[str, Any]:
    return {"type": kind, "status": 400, "title": kind.rpartition("#")[2], "detail": f"{check.name}: {check.detail}"}


def checks_of(verdict: credential_pb2.Verdict) -> list[dict[str, str]]:
    return [
        {"name": check.name, "outcome": _OUTCOMES[check.outcome], "detail": check.detail} for check in verdict.checks
    ]
