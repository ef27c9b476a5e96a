"""The containers: what is in them, what they may do, and what becomes of calls when harm is done to one."""

from __future__ import annotations

import pytest

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.deploy.compose import Compose
from tests.faults.parties import a_request
from tests.faults.test_split import assert_done_once, claimed, refusal

SERVICES = ("codec", "credentials", "sessions", "gateway")
# Of each service a package that it runs on, and one of another's.
PACKAGES = {
    "codec": ("zxingcpp", "sqlalchemy"),
    "credentials": ("cryptography", "zxingcpp"),
    "sessions": ("sqlalchemy", "cryptography"),
    "gateway": ("fastapi", "sqlalchemy"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_holds_its_own_packages_and_no_compiler(compose: Compose, name: str) -> None:
    own, foreign = PACKAGES[name]
    assert compose.python(name, f"import {own}; print('there')") == "there"
    assert compose.python(name, f"import {foreign}") == f"ModuleNotFoundError: No module named '{foreign}'"
    found = compose.python(name, "import shutil; print([each for each in ('cc', 'gcc', 'git') if shutil.which(each)])")
    assert found == "[]"


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_runs_without_rights(compose: Compose, name: str) -> None:
    assert compose.python(name, "import os; print(os.getuid(), os.getgid())") == "10001 10001"
    assert "Read-only file system" in compose.python(name, "open('/usr/here', 'w')")
    status = compose.python(name, "print(open('/proc/self/status').read())")
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("name", SERVICES)
def test_only_the_gateway_is_published_and_on_loopback_only(compose: Compose, name: str) -> None:
    ports = compose.inspect(name)["NetworkSettings"]["Ports"]
    published = {host["HostIp"] for hosts in ports.values() for host in hosts or ()}
    assert published == ({"127.0.0.1"} if name == "gateway" else set())


def test_secrets_are_files_and_not_in_the_environment(compose: Compose) -> None:
    for name, secret in (
        ("credentials", "counterfoil_key_encryption_key"),
        ("sessions", "counterfoil_payee_token_key"),
        ("gateway", "counterfoil_operator_token"),
    ):
        shown = compose.python(name, f"print(open('/run/secrets/{secret}').read())")
        assert len(shown) > 16
        assert shown not in "".join(compose.inspect(name)["Config"]["Env"])
        # Each service is given its own secret and no other's.
        assert compose.python(name, "import os; print(os.listdir('/run/secrets'))") == f"['{secret}']"


def test_a_partition_makes_calls_unavailable_and_a_retry_books_once(
    compose: Compose, client: PaymentsServiceStub
) -> None:
    request, acknowledgement = a_request(), claimed(client)
    compose.part("credentials")
    try:
        assert refusal(client.RequestPayment, request, timeout=5)[0] in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
    finally:
        compose.rejoin("credentials")

    assert_done_once(client, request, acknowledgement)


@pytest.mark.parametrize("name", ["codec", "credentials", "sessions"])
def test_a_killed_container_comes_back_with_what_it_had(
    compose: Compose, client: PaymentsServiceStub, name: str
) -> None:
    request, acknowledgement = a_request(), claimed(client)
    compose.kill(name)
    compose.wait_until_restarted(name)

    assert_done_once(client, request, acknowledgement)
