"""What the conversation refuses, and what to do about it."""

from __future__ import annotations

from uuid import UUID

from services.runtime.refusals import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
)


class SessionNotFound(NotFound):
    reason = "SESSION_NOT_FOUND"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"there is no session {session_id}, or not any more; check the id in the request",
            session_id=str(session_id),
        )


class SessionExpired(FailedPrecondition):
    reason = "SESSION_EXPIRED"
    http_status = 404

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"session {session_id} has expired; ask the payee for a new request", session_id=str(session_id)
        )


class SessionCancelled(FailedPrecondition):
    reason = "SESSION_CANCELLED"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"the payee has cancelled session {session_id}; ask for a new request", session_id=str(session_id)
        )


class SessionSettled(FailedPrecondition):
    reason = "SESSION_SETTLED"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"session {session_id} was paid in full and cannot be cancelled; send the money back instead",
            session_id=str(session_id),
        )


class CurrencyMismatch(InvalidArgument):
    reason = "CURRENCY_MISMATCH"

    def __init__(self, given: str, requested: str, field: str) -> None:
        super().__init__(
            f"{field}: is in {given}, but the request is in {requested}; give the amount in {requested}",
            field=f"{field}.currency",
        )


class MethodNotOffered(InvalidArgument):
    reason = "METHOD_NOT_OFFERED"

    def __init__(self) -> None:
        super().__init__("method: the request offers none of that name; use custom_method for your own", field="method")


class TooManyClaims(ResourceExhausted):
    reason = "TOO_MANY_CLAIMS"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"session {session_id} holds as many claims as it can, in all or of this payer; the payee has to answer "
            "some, or open a new session",
            session_id=str(session_id),
        )


class ClaimNotFound(NotFound):
    reason = "CLAIM_NOT_FOUND"

    def __init__(self, session_id: UUID, claim_id: UUID) -> None:
        super().__init__(
            f"session {session_id} has no claim {claim_id}; check which session the claim belongs to",
            session_id=str(session_id),
            claim_id=str(claim_id),
        )


class ClaimAltered(FailedPrecondition):
    reason = "CLAIM_ALTERED"

    def __init__(self, claim_id: UUID) -> None:
        super().__init__(
            f"claim {claim_id} differs from the one that was recorded; ask the payer to send it again",
            claim_id=str(claim_id),
        )


class ClaimAlreadyAcknowledged(FailedPrecondition):
    reason = "CLAIM_ALREADY_ACKNOWLEDGED"

    def __init__(self, claim_id: UUID) -> None:
        super().__init__(
            f"claim {claim_id} was acknowledged before; nothing was booked again, the session holds the receipt",
            claim_id=str(claim_id),
        )


class ClaimAlreadyRejected(FailedPrecondition):
    reason = "CLAIM_ALREADY_REJECTED"

    def __init__(self, claim_id: UUID) -> None:
        super().__init__(f"claim {claim_id} was rejected before; ask the payer for a new claim", claim_id=str(claim_id))


class PayeeTokenRequired(Unauthenticated):
    reason = "PAYEE_TOKEN_REQUIRED"

    def __init__(self) -> None:
        super().__init__("payee_token: missing; give the one that RequestPayment returned", field="payee_token")


class PayeeTokenWrong(PermissionDenied):
    reason = "PAYEE_TOKEN_WRONG"

    def __init__(self) -> None:
        super().__init__(
            "payee_token: not that of this session; give the one that RequestPayment returned", field="payee_token"
        )


class SignatureRequired(FailedPrecondition):
    reason = "SIGNATURE_REQUIRED"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"{field}: a DID speaks only by its own signature; give what it signed as signed_message, "
            f"or name the {field} by a handle",
            field=field,
        )


class SignerNotTheParty(PermissionDenied):
    reason = "SIGNER_NOT_THE_PARTY"

    def __init__(self, party: str) -> None:
        super().__init__(
            f"signed_message: not signed by the {party} that it speaks for; have the {party} sign it with the key of "
            "the DID that it names",
            field="signed_message",
        )


class MessageNotLinked(FailedPrecondition):
    reason = "MESSAGE_NOT_LINKED"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"signed_message: answers another request than that of session {session_id}; sign an answer to this one",
            field="signed_message",
            session_id=str(session_id),
        )


class MessageOutOfOrder(FailedPrecondition):
    reason = "MESSAGE_OUT_OF_ORDER"

    def __init__(self) -> None:
        super().__init__(
            "signed_message: says it was made in the future, or before what it would undo; set the clock and sign anew",
            field="signed_message",
        )


class MessageIdTaken(AlreadyExists):
    reason = "MESSAGE_ID_CONFLICT"

    def __init__(self, id: UUID) -> None:
        super().__init__(
            f"signed_message: another message was recorded under the id {id}; sign anew, with ids of its own",
            field="signed_message",
            message_id=str(id),
        )


class MessageIdOfAnother(AlreadyExists):
    reason = "MESSAGE_ID_CONFLICT"

    def __init__(self, id: UUID) -> None:
        super().__init__(
            f"signed_message: the id {id} is one that only its own signer can use; sign anew, with an id of its own",
            field="signed_message",
            message_id=str(id),
        )


class SignedCredentialNotFound(NotFound):
    reason = "CREDENTIAL_NOT_FOUND"

    def __init__(self, message_id: UUID) -> None:
        super().__init__(f"no party signed message {message_id} itself; check the id", message_id=str(message_id))


class ExpiryOutOfRange(InvalidArgument):
    reason = "EXPIRY_OUT_OF_RANGE"

    def __init__(self) -> None:
        super().__init__(
            "expire_time: give a moment between one minute and 366 days from now, or leave it out for 7 days",
            field="expire_time",
        )


class IdempotencyConflict(AlreadyExists):
    reason = "IDEMPOTENCY_CONFLICT"

    def __init__(self, request_id: UUID) -> None:
        super().__init__(
            f"request_id {request_id} was used with other fields; use a new one for a new call",
            field="request_id",
            request_id=str(request_id),
        )


class RequestIssuerGone(FailedPrecondition):
    reason = "ISSUER_UNKNOWN"

    def __init__(self, session_id: UUID) -> None:
        super().__init__(
            f"this service no longer signs for the issuer of session {session_id}; ask the payee for a new request",
            session_id=str(session_id),
        )
