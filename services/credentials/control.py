"""Whether the one that a document names is the one whose key signed it (CID 1.0, section 3.3)."""

from __future__ import annotations

from services.credentials.domain import Finding, Outcome
from services.credentials.methods import Methods, NoSuchMethod, OutOfReach


def check_control(
    who: str, named: str, verification_methods: tuple[str, ...], purpose: str, methods: Methods
) -> Finding:
    """Of several keys one has to be theirs, `who` being "issuer" or "holder"; the others' proofs are endorsements."""
    if not named or not any(verification_methods):
        return Outcome.UNKNOWN, f"it does not say who its {who} is, or with which key it was signed"
    theirs = [method for method in verification_methods if method.partition("#")[0] == named]
    if not theirs:
        return Outcome.FAIL, f"it was signed with somebody else's key than that of the {who} it names"
    findings = [_check_method(who, named, method, purpose, methods) for method in theirs]
    if len(theirs) < len(verification_methods) and all(outcome is Outcome.PASS for outcome, _ in findings):
        return Outcome.PASS, f"the {who} signed it, and others did too"
    # One key of theirs that is not good is not made good by another.
    return next((finding for finding in findings if finding[0] is not Outcome.PASS), findings[0])


def _check_method(who: str, named: str, verification_method: str, purpose: str, methods: Methods) -> Finding:
    try:
        method = methods.find(verification_method)
    except NoSuchMethod:
        return Outcome.FAIL, f"the key it names is not one that its {who}'s DID has"
    except OutOfReach:
        return Outcome.UNKNOWN, f"which keys its {who} has cannot be found out here"
    if method.controller != named:
        return Outcome.FAIL, f"the key it names is controlled by somebody else than its {who}"
    if purpose not in method.purposes:
        return Outcome.FAIL, f"its {who} does not let that key be used for this ({purpose})"
    return Outcome.PASS, f"the key is the {who}'s"
