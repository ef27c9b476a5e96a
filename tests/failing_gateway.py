"""A gateway that fails before it answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc

from counterfoil.payments.v1 import payments_service_pb2 as pb


class FailingGateway:
    """Fails some calls with a status, then answers."""

    def __init__(self, code: grpc.StatusCode, failures: int) -> None:
        self.code, self.failures = code, failures
        self.seen: list[str] = []

    def answer(self, request: pb.RequestPaymentRequest, context: Any) -> pb.RequestPaymentResponse:
        self.seen.append(request.request_id)
        if len(self.seen) <= self.failures:
            self._fail(context)
        return pb.RequestPaymentResponse(text="eN", payee_token="secret")

    def _fail(self, context: Any) -> NoReturn:
        context.abort(self.code, "\x1b[31mnot now")
        raise AssertionError("abort raises")


@contextmanager
def serving(gateway: FailingGateway) -> Iterator[str]:
    """Gives its address."""
    request_payment = grpc.unary_unary_rpc_method_handler(
        gateway.answer, pb.RequestPaymentRequest.FromString, pb.RequestPaymentResponse.SerializeToString
    )
    service = "counterfoil.payments.v1.PaymentsService"
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(service, {"RequestPayment": request_payment})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()
