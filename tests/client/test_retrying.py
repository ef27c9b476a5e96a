"""A call whose answer may have been lost is made again, as the same call."""

from __future__ import annotations

import grpc
import pytest

from tests.client.conftest import Command
from tests.failing_gateway import FailingGateway, serving

REQUEST = ["request", "120", "EUR", "--payee", "Ana"]


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_a_retry_has_the_request_id_of_the_first_try(code: grpc.StatusCode):
    gateway = FailingGateway(code, failures=2)

    with serving(gateway) as address:
        Command(address).run(*REQUEST)

    assert len(gateway.seen) == 3
    assert len(set(gateway.seen)) == 1


def test_two_commands_are_two_calls():
    gateway = FailingGateway(grpc.StatusCode.UNAVAILABLE, failures=0)

    with serving(gateway) as address:
        Command(address).run(*REQUEST)
        Command(address).run(*REQUEST)

    assert len(set(gateway.seen)) == 2


def test_retrying_ends():
    gateway = FailingGateway(grpc.StatusCode.UNAVAILABLE, failures=100)

    with serving(gateway) as address:
        result = Command(address).run(*REQUEST, exit_code=4)

    assert len(gateway.seen) == 3
    assert gateway.seen[0] in result.stderr


@pytest.mark.parametrize(
    ("code", "exit_code"), [(grpc.StatusCode.FAILED_PRECONDITION, 3), (grpc.StatusCode.INTERNAL, 5)]
)
def test_other_failures_are_final_and_steer_no_terminal(code: grpc.StatusCode, exit_code: int):
    gateway = FailingGateway(code, failures=1)

    with serving(gateway) as address:
        result = Command(address).run(*REQUEST, exit_code=exit_code)

    assert len(gateway.seen) == 1
    assert result.stderr == f"counterfoil: \\u{{1b}}[31mnot now [{code.name}]\n"


def test_another_grpc_server_is_named_as_such():
    with serving(FailingGateway(grpc.StatusCode.UNIMPLEMENTED, failures=1)) as address:
        assert "is no Counterfoil gateway" in Command(address).run(*REQUEST, exit_code=5).stderr
