"""Stopping in order: nothing that was begun is dropped, and nothing keeps the process."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from PIL import Image

from counterfoil.messages.v1 import message_pb2
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.parties import a_request, payments, why
from tests.processes import Program, Start, wait_until_gone

GRACE_SECONDS = 120.0
# Far less than the grace time, and enough for a busy machine.
AT_ONCE_SECONDS = 40.0
SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)


@SIGNALS
def test_a_running_call_is_finished_and_a_new_one_refused(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    gateway = start(grace_seconds=str(GRACE_SECONDS))
    with payments(gateway.address) as client:
        text = client.RequestPayment(a_request()).text
        with held(tmp_path / "var" / "sessions.db"):
            running = [client.RequestPayment.future(a_request()) for _ in range(8)]
            # On the same connection: what was asked before has arrived.
            client.DecodeMessage(pb.DecodeMessageRequest(text=text))
            gateway.signal(number)

            assert_refused_soon(gateway, text)
            assert not any(each.done() for each in running)
        assert all(each.result().text for each in running)
    assert gateway.wait() == 0
    assert "Traceback" not in gateway.log


@SIGNALS
def test_a_watcher_is_sent_away_at_once(start: Start, number: signal.Signals) -> None:
    gateway = start(grace_seconds=str(GRACE_SECONDS))
    with payments(gateway.address) as client:
        session = client.RequestPayment(a_request()).session
        changes = client.WatchSession(pb.WatchSessionRequest(session_id=session.id))
        assert next(changes).session == session
        began = time.monotonic()
        gateway.signal(number)
        with pytest.raises(grpc.RpcError) as ended:
            next(changes)

        assert why(ended.value) == ("UNAVAILABLE", "SERVICE_UNAVAILABLE")
        assert gateway.wait() == 0
        assert time.monotonic() - began < AT_ONCE_SECONDS


def test_who_watches_the_health_is_told_and_does_not_keep_the_process(start: Start) -> None:
    gateway = start(grace_seconds=str(GRACE_SECONDS))
    with grpc.insecure_channel(gateway.address) as channel:
        states = HealthStub(channel).Watch(HealthCheckRequest(service="counterfoil.payments.v1.PaymentsService"))
        assert next(states).status == HealthCheckResponse.SERVING
        began = time.monotonic()
        gateway.signal(signal.SIGTERM)

        assert [each.status for each in states] == [HealthCheckResponse.NOT_SERVING]
        assert gateway.wait() == 0
        assert time.monotonic() - began < AT_ONCE_SECONDS


def test_a_call_of_one_who_hears_that_it_stops_is_still_answered(start: Start) -> None:
    gateway = start()
    with payments(gateway.address) as client, grpc.insecure_channel(gateway.address) as channel:
        # Has a connection, as one who calls now and then.
        client.RequestPayment(a_request())
        states = HealthStub(channel).Watch(HealthCheckRequest())
        assert next(states).status == HealthCheckResponse.SERVING
        gateway.signal(signal.SIGTERM)
        assert next(states).status == HealthCheckResponse.NOT_SERVING

        assert client.RequestPayment(a_request()).text
    assert gateway.wait() == 0


def test_a_call_that_outlasts_the_grace_time_does_not_keep_the_process(start: Start) -> None:
    gateway = start(grace_seconds="0")
    with payments(gateway.address) as client, ThreadPoolExecutor(8) as threads:
        picture = a_slow_picture(client)
        running = [threads.submit(client.DecodeMessage, pb.DecodeMessageRequest(image=picture)) for _ in range(8)]
        wait(running, return_when=FIRST_COMPLETED)
        began = time.monotonic()
        gateway.signal(signal.SIGTERM)

        assert {code_of(each) for each in running} <= {"OK", "UNAVAILABLE"}
    assert gateway.wait() == 0
    assert time.monotonic() - began < AT_ONCE_SECONDS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_no_process_of_the_gateway_outlives_it(start: Start, number: signal.Signals) -> None:
    gateway = start()
    with payments(gateway.address) as client:
        client.DecodeMessage(pb.DecodeMessageRequest(image=a_slow_picture(client)))
    children = gateway.children()
    assert children, "pictures are read in another process"
    gateway.signal(number)
    gateway.wait()

    assert wait_until_gone(children, AT_ONCE_SECONDS) == []


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Whoever writes to it waits, for ten seconds at most."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def a_slow_picture(client: PaymentsServiceStub) -> bytes:
    """A request's QR code on as much white as is allowed; small as a file, slow to read."""
    drawn = client.RequestPayment(a_request(qr_format=message_pb2.QR_FORMAT_PNG)).qr_image
    picture = Image.new("L", (4000, 4000), 255)
    picture.paste(Image.open(BytesIO(drawn)))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def assert_refused_soon(gateway: Program, text: str) -> None:
    """The signal takes a moment to arrive."""
    ends_at = time.monotonic() + AT_ONCE_SECONDS
    while code_of_new_call(gateway.address, text) == "OK":
        assert time.monotonic() < ends_at
    assert code_of_new_call(gateway.address, text) == "UNAVAILABLE"


def code_of_new_call(address: str, text: str) -> str:
    """The call writes nothing: one taken in while a database is held would wait as long as those that run."""
    with payments(address) as newcomer:
        return code_of(newcomer.DecodeMessage.future(pb.DecodeMessageRequest(text=text), timeout=AT_ONCE_SECONDS))


def code_of(call: Any) -> str:
    error = call.exception()
    return why(error)[0] if error else "OK"
