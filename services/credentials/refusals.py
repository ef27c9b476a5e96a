"""What this service says no to. A credential that does not hold is no refusal but a verdict."""

from __future__ import annotations

from uuid import UUID

from services.runtime.refusals import AlreadyExists, FailedPrecondition, NotFound


class MessageIdConflict(AlreadyExists):
    reason = "MESSAGE_ID_CONFLICT"

    def __init__(self, message_id: UUID) -> None:
        super().__init__(
            f"another message was signed under the id {message_id}; make a new message with an id of its own",
            message_id=str(message_id),
        )


class IssuerUnknown(FailedPrecondition):
    reason = "ISSUER_UNKNOWN"

    def __init__(self, issuer: str) -> None:
        super().__init__(
            "this service does not hold the issuer's key; name the issuer that GetIssuer tells, "
            "or have the party sign with its own key",
            issuer=issuer,
        )


class CredentialNotFound(NotFound):
    reason = "CREDENTIAL_NOT_FOUND"

    def __init__(self, message_id: UUID) -> None:
        super().__init__(
            f"no credential was issued for message {message_id}; check the id, or issue the message again",
            message_id=str(message_id),
        )
