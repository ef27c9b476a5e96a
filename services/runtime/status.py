"""Refusals as gRPC statuses, and back again when they come from another service."""

from __future__ import annotations

from typing import TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from services.runtime.refusals import DeadlineExceeded, Internal, Refusal, ServiceUnavailable

Detail = TypeVar("Detail", ErrorInfo, BadRequest)

DOMAIN = "counterfoil"
DETAILS_KEY = "grpc-status-details-bin"


class RefusedByService(Refusal):
    """A refusal of a service behind this one, passed on as it is."""

    def __init__(self, code: grpc.StatusCode, message: str, details: bytes) -> None:
        super().__init__(message)
        self.status_code = code
        self.details = details


def status_of(refusal: Refusal) -> tuple[grpc.StatusCode, str, bytes]:
    """The code, the sentence, and the google.rpc.Status for the trailing metadata."""
    if isinstance(refusal, RefusedByService):
        return refusal.status_code, refusal.message, refusal.details
    code = grpc.StatusCode[refusal.code]
    status = Status(code=code.value[0], message=refusal.message)
    status.details.append(_packed(ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=refusal.metadata)))
    if refusal.field:
        violation = BadRequest.FieldViolation(field=refusal.field, description=refusal.message, reason=refusal.reason)
        status.details.append(_packed(BadRequest(field_violations=[violation])))
    return code, refusal.message, status.SerializeToString()


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal:
    """What a failed call to another service means to our own caller."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            return RefusedByService(error.code(), error.details() or "", value)
    match error.code():
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            return ServiceUnavailable()
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceeded()
    return Internal()


def detail_of(error: grpc.aio.AioRpcError, kind: type[Detail]) -> Detail | None:
    """A detail of a failed call, for clients. None when the server gave none."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                found = kind()
                if detail.Unpack(found):
                    return found
    return None


def reason_of(error: grpc.aio.AioRpcError) -> ErrorInfo | None:
    return detail_of(error, ErrorInfo)


def _packed(message: ErrorInfo | BadRequest) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
