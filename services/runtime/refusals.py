"""Refusals: what a service says no to, with a reason for programs and a sentence for people.

One class a reason. The category gives the gRPC code and the HTTP status; a bug is not a refusal and stays an ordinary
exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class Refusal(Exception):
    """A call that is refused. `field` names the field that is wrong; `metadata` holds ids, never texts of a party."""

    reason: ClassVar[str]
    code: ClassVar[str]
    http_status: ClassVar[int]

    def __init__(self, message: str, /, *, field: str = "", **metadata: str) -> None:
        super().__init__(message)
        self.field = field
        self.metadata = metadata

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidArgument(Refusal):
    code, http_status = "INVALID_ARGUMENT", 400


class Unauthenticated(Refusal):
    code, http_status = "UNAUTHENTICATED", 401


class PermissionDenied(Refusal):
    code, http_status = "PERMISSION_DENIED", 403


class NotFound(Refusal):
    code, http_status = "NOT_FOUND", 404


class AlreadyExists(Refusal):
    code, http_status = "ALREADY_EXISTS", 409


class FailedPrecondition(Refusal):
    code, http_status = "FAILED_PRECONDITION", 409


class ResourceExhausted(Refusal):
    code, http_status = "RESOURCE_EXHAUSTED", 429


class Overloaded(ResourceExhausted):
    """Nothing was done; the same is taken when there is less to do."""

    http_status = 503
    reason = "OVERLOADED"
    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__(
            f"there is too much to do at once; nothing was done, try again in {self.retry_after_seconds} seconds",
            retry_after_seconds=str(self.retry_after_seconds),
        )


class Internal(Refusal):
    code, http_status = "INTERNAL", 500
    reason = "INTERNAL"

    def __init__(self) -> None:
        super().__init__("something went wrong on our side; retry with the same request_id, or report the x-request-id")


class ServiceUnavailable(Refusal):
    code, http_status = "UNAVAILABLE", 503
    reason = "SERVICE_UNAVAILABLE"

    def __init__(self, what: str = "a service behind this one does not answer") -> None:
        super().__init__(f"{what}; retry in a moment with the same request_id")


class DeadlineExceeded(Refusal):
    code, http_status = "DEADLINE_EXCEEDED", 504
    reason = "DEADLINE_EXCEEDED"

    def __init__(self) -> None:
        super().__init__("the time for this call ran out and it may have taken effect; retry with the same request_id")


def forget_frames(error: BaseException | None) -> None:
    """For an error that has been dealt with. It holds the frames that it passed and they hold it, and with them, until
    the garbage collector comes by, whatever was being answered: a picture, five times over.
    """
    while error:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def refusals(category: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal class that has been imported and carries a reason."""
    for cls in category.__subclasses__():
        if hasattr(cls, "reason"):
            yield cls
        yield from refusals(cls)
