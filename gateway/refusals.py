"""What the gateway itself refuses."""

from __future__ import annotations

from services.runtime.refusals import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied, Unauthenticated


class NotAClaim(InvalidArgument):
    reason = "NOT_A_CLAIM"

    def __init__(self) -> None:
        super().__init__("claim: the message is no claim; paste the payer's answer to your request", field="claim")


class ClaimNotFound(NotFound):
    reason = "CLAIM_NOT_FOUND"

    def __init__(self, session_id: str, claim_id: str) -> None:
        super().__init__(
            f"session {session_id} has no claim {claim_id}; check which session the claim belongs to",
            session_id=session_id,
            claim_id=claim_id,
        )


class ClaimNotVerified(FailedPrecondition):
    reason = "CLAIM_NOT_VERIFIED"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(
            f"the claim is not what was signed ({check}: {detail}); nothing was booked, ask the payer to send it again",
            check=check,
        )


class MessageNotVerified(FailedPrecondition):
    reason = "MESSAGE_NOT_VERIFIED"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(
            f"signed_message: not what was signed ({check}: {detail}); nothing was recorded, sign it again",
            field="signed_message",
            check=check,
        )


class MessageKindWrong(InvalidArgument):
    reason = "MESSAGE_KIND_WRONG"

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(
            f"signed_message: says {given}, and this call takes {expected}; use the call that is for it",
            field="signed_message",
        )


class OperatorTokenRequired(Unauthenticated):
    reason = "OPERATOR_TOKEN_REQUIRED"

    def __init__(self) -> None:
        super().__init__(
            "operator_token: missing; give COUNTERFOIL_OPERATOR_TOKEN, or what the gateway's operator-token file holds",
            field="operator_token",
        )


class OperatorTokenWrong(PermissionDenied):
    reason = "OPERATOR_TOKEN_WRONG"

    def __init__(self) -> None:
        super().__init__("operator_token: wrong; ask whoever runs this gateway", field="operator_token")
