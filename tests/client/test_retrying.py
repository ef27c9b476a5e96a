"""A call whose answer may have been lost is made again, as the same call."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.client.conftest import Command

REQUEST = ["request", "120", "EUR", "--payee", "Ana"]


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
def serving(gateway: FailingGateway) -> Iterator[Command]:
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
    yield Command(f"127.0.0.1:{port}")
    server.stop(None).wait()


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_a_retry_has_the_request_id_of_the_first_try(code: grpc.StatusCode):
    gateway = FailingGateway(code, failures=2)

    with serving(gateway) as command:
        command.run(*REQUEST)

    assert len(gateway.seen) == 3
    assert len(set(gateway.seen)) == 1


def test_two_commands_are_two_calls():
    gateway = FailingGateway(grpc.StatusCode.UNAVAILABLE, failures=0)

    with serving(gateway) as command:
        command.run(*REQUEST)
        command.run(*REQUEST)

    assert len(set(gateway.seen)) == 2


def test_retrying_ends():
    gateway = FailingGateway(grpc.StatusCode.UNAVAILABLE, failures=100)

    with serving(gateway) as command:
        result = command.run(*REQUEST, exit_code=4)

    assert len(gateway.seen) == 3
    assert gateway.seen[0] in result.stderr


@pytest.mark.parametrize(
    ("code", "exit_code"), [(grpc.StatusCode.FAILED_PRECONDITION, 3), (grpc.StatusCode.INTERNAL, 5)]
)
def test_other_failures_are_final_and_steer_no_terminal(code: grpc.StatusCode, exit_code: int):
    gateway = FailingGateway(code, failures=1)

    with serving(gateway) as command:
        result = command.run(*REQUEST, exit_code=exit_code)

    assert len(gateway.seen) == 1
    assert result.stderr == f"counterfoil: \\u{{1b}}[31mnot now [{code.name}]\n"


def test_another_grpc_server_is_named_as_such():
    with serving(FailingGateway(grpc.StatusCode.UNIMPLEMENTED, failures=1)) as command:
        assert "is no Counterfoil gateway" in command.run(*REQUEST, exit_code=5).stderr
