"""The containers: what is in them, what they may do, and what becomes of calls when harm is done to one."""

from __future__ import annotations

import asyncio
import random
import subprocess
from typing import Any

import grpc
import pytest

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.deploy.compose import Compose
from tests.faults.parties import OPTIONS, a_request
from tests.faults.test_crash import assert_is_kept
from tests.faults.test_split import assert_done_once, claimed, refusal
from tests.faults.traffic import Client
from tests.test_docs import ROOT

SERVICES = ("codec", "credentials", "sessions", "gateway")
# Of each service a package that it runs on, and one of another's.
PACKAGES = {
    "codec": ("zxingcpp", "sqlalchemy"),
    "credentials": ("cryptography", "zxingcpp"),
    "sessions": ("sqlalchemy", "cryptography"),
    "gateway": ("fastapi", "sqlalchemy"),
}
SECRETS = {
    "codec": [],
    "credentials": ["counterfoil_database_url", "counterfoil_key_encryption_key"],
    "sessions": ["counterfoil_database_url", "counterfoil_payee_token_key"],
    "gateway": ["counterfoil_operator_token"],
    "postgres": ["credentials_database_url", "postgres_password", "sessions_database_url"],
}
PORTS = {"codec": 50051, "credentials": 50052, "sessions": 50053}
CLIENTS = 6
BOOKING_SECONDS_MAX = 60.0


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


def test_the_database_runs_without_rights(compose: Compose) -> None:
    assert compose.execute("postgres", "id", "-un").stdout == "postgres\n"
    assert "Read-only file system" in compose.execute("postgres", "touch", "/usr/here").stderr
    status = compose.execute("postgres", "cat", "/proc/self/status").stdout
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("name", [*SERVICES, "postgres"])
def test_only_the_gateway_is_published_and_on_loopback_only(compose: Compose, name: str) -> None:
    ports = compose.inspect(name)["NetworkSettings"]["Ports"]
    published = {host["HostIp"] for hosts in ports.values() for host in hosts or ()}
    assert published == ({"127.0.0.1"} if name == "gateway" else set())


@pytest.mark.parametrize(("name", "secrets"), SECRETS.items())
def test_secrets_are_files_and_not_in_the_environment(compose: Compose, name: str, secrets: list[str]) -> None:
    # Each service is given its own secrets and no other's.
    assert compose.execute(name, "ls", "/run/secrets").stdout.split() == secrets
    for secret in secrets:
        shown = compose.execute(name, "cat", f"/run/secrets/{secret}").stdout.strip()
        assert len(shown) > 16
        assert shown not in "".join(compose.inspect(name)["Config"]["Env"])


@pytest.mark.parametrize("name", ["codec", "gateway"])
def test_only_services_with_a_database_reach_the_server(compose: Compose, name: str) -> None:
    connect = "import socket; socket.create_connection(('postgres', 5432), 3); print('there')"
    assert compose.python("sessions", connect) == "there"
    assert compose.python(name, connect).startswith("socket.gaierror")


def test_a_service_may_not_enter_the_database_of_another(compose: Compose) -> None:
    connect = (
        "import psycopg; url = open('/run/secrets/counterfoil_database_url').read().strip();"
        "psycopg.connect(url, dbname='{database}'); print('there')"
    )
    assert compose.python("sessions", connect.format(database="sessions")) == "there"
    refused = compose.execute("sessions", "python", "-c", connect.format(database="credentials")).stderr
    assert 'permission denied for database "credentials"' in refused


def test_the_database_is_asked_over_tls_by_those_who_know_its_certificate(compose: Compose) -> None:
    ours = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = current_user"
    connect = (
        "import psycopg; url = open('/run/secrets/counterfoil_database_url').read().strip();"
        f"print(psycopg.connect(url{{more}}).execute('{ours}').fetchone())"
    )
    for name in ("credentials", "sessions"):
        assert compose.python(name, connect.format(more="")) == "(True,)"
    other = compose.execute("sessions", "python", "-c", connect.format(more=", sslrootcert='/etc/hostname'")).stderr
    assert "OperationalError" in other


@pytest.mark.parametrize(("name", "port"), PORTS.items())
def test_a_service_answers_nobody_without_a_certificate(compose: Compose, name: str, port: int) -> None:
    ask = (
        "import grpc, grpc_health.v1.health_pb2 as pb; from grpc_health.v1.health_pb2_grpc import HealthStub;"
        "print(HealthStub(grpc.{channel}).Check(pb.HealthCheckRequest(), timeout=5).status)"
    )
    key, certificate = (f"open('/run/certs/tls.{part}', 'rb').read()" for part in ("key", "crt"))
    authority = "open('/run/certs/ca.crt', 'rb').read()"
    own = f"grpc.ssl_channel_credentials({authority}, {key}, {certificate})"
    without = f"grpc.ssl_channel_credentials({authority})"
    assert compose.python("gateway", ask.format(channel=f"secure_channel('{name}:{port}', {own})")) == "1"
    for channel in (f"insecure_channel('{name}:{port}')", f"secure_channel('{name}:{port}', {without})"):
        assert "UNAVAILABLE" in compose.execute("gateway", "python", "-c", ask.format(channel=channel)).stderr


def test_certificates_are_made_anew_while_the_containers_run(compose: Compose, client: PaymentsServiceStub) -> None:
    show = "import ssl; print(ssl.get_server_certificate(('{}', {})))"
    before = {name: compose.python("gateway", show.format(name, port)) for name, port in PORTS.items()}
    subprocess.run(["deploy/certs.sh", "var/certs"], cwd=ROOT, check=True)

    for name, port in PORTS.items():
        shown = compose.python("gateway", show.format(name, port))
        assert shown.startswith("-----BEGIN CERTIFICATE-----")
        assert shown != before[name]
    client.RequestPayment(a_request())


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


async def test_nothing_answered_is_lost_when_the_database_is_killed(compose: Compose, gateway: str) -> None:
    stopping = asyncio.Event()
    async with grpc.aio.insecure_channel(gateway, OPTIONS) as channel:
        deployed = Deployed(PaymentsServiceStub(channel))
        clients = [Client(deployed, random.Random(number), stopping) for number in range(CLIENTS)]
        running = [asyncio.create_task(each.run()) for each in clients]
        await until_booked(CLIENTS, clients, running)
        compose.kill("postgres")
        await asyncio.to_thread(compose.wait_until_restarted, "postgres")
        await until_booked(CLIENTS, clients, running)
        stopping.set()
        await asyncio.gather(*running)

        conversations = [each for client in clients for each in client.conversations]
        for conversation in conversations:
            await assert_is_kept(conversation, deployed.stub)


async def until_booked(count: int, clients: list[Client], running: list[asyncio.Task[None]]) -> None:
    """So many claims more, unless a client has failed."""

    def booked() -> int:
        return sum(len(each.receipts) for client in clients for each in client.conversations)

    enough = booked() + count
    async with asyncio.timeout(BOOKING_SECONDS_MAX):
        while booked() < enough and not any(each.done() for each in running):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


class Deployed:
    """A gateway that is there."""

    def __init__(self, stub: PaymentsServiceStub) -> None:
        self.stub = stub

    async def client(self) -> Any:
        return self.stub
