"""What the services found or refused in this process, as a server would say it."""

from __future__ import annotations

from collections.abc import Iterable

from client.sdk.failures import Refused
from counterfoil.credentials.v1 import credential_pb2
from services.credentials.domain import Verdict
from services.runtime.refusals import Refusal


def refused(refusal: Refusal) -> Refused:
    return Refused(refusal.message, refusal.reason, refusal.field, refusal.metadata)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """A conversation is as good as the worst of its messages: of equals, the last."""
    return min(reversed(list(verdicts)), key=lambda each: (each.verified, each.accepted))


def to_verdict(verdict: Verdict) -> credential_pb2.Verdict:
    checks = [
        credential_pb2.Check(
            name=check.name,
            outcome=credential_pb2.CheckOutcome.Value(f"CHECK_OUTCOME_{check.outcome.name}"),
            detail=check.detail,
        )
        for check in verdict.checks
    ]
    return credential_pb2.Verdict(checks=checks, verified=verdict.verified, accepted=verdict.accepted)
