"""What this service says no to. A credential that does not hold is no refusal but a verdict."""

from __future__ import annotations

from uuid import UUID

from services.runtime.refusals import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound


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

    def __init__(self, message_id: UUID | None) -> None:
        """None where what was named is no message."""
        named = f"for message {message_id}" if message_id else "of that id"
        super().__init__(
            f"no credential {named} was issued here; check the id, or issue the message again",
            **({"message_id": str(message_id)} if message_id else {}),
        )


class MalformedCredential(InvalidArgument):
    reason = "MALFORMED_CREDENTIAL"

    def __init__(self, what: str, field: str = "document") -> None:
        super().__init__(f"{field}: no credential of the VC Data Model 2.0 that can be signed: {what}", field=field)


class NotRevocable(FailedPrecondition):
    reason = "NOT_REVOCABLE"

    def __init__(self) -> None:
        super().__init__(
            "the credential has no place in a status list, so nobody could learn that it is revoked; "
            "set COUNTERFOIL_PUBLIC_URL before issuing, or take a request back with a cancellation"
        )


class StatusListNotFound(NotFound):
    reason = "STATUS_LIST_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "there is no such status list; its number ends the address in credentialStatus", field="list_id"
        )


class KeyNotFound(NotFound):
    reason = "KEY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "this service has no key of that name; ListKeys tells the names of all it has", field="verification_method"
        )
