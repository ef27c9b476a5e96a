"""Two of a service: calls go to both, and one after the other may be stopped and started while calls arrive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.parties import a_request, payments
from tests.processes import Program, Start


def test_a_rolling_restart_of_two_replicas_fails_no_call(start: Start, tmp_path: Path) -> None:
    replicas = [start("services.codec", tmp_path / str(number)) for number in range(2)]
    gateway = start("gateway", tmp_path, codec_address=",".join(each.address for each in replicas))
    done = Event()
    with payments(gateway.address) as client, ThreadPoolExecutor(4) as pool:
        calling = [pool.submit(call_until, done, client) for _ in range(4)]
        try:
            for number, replica in enumerate(replicas):
                replica.stop()
                replicas[number] = start("services.codec", tmp_path / str(number), codec_listen=replica.address)
                wait_until_called(replicas[number])
        finally:
            done.set()
        made = sum(each.result() for each in calling)
    assert made > 20


def call_until(done: Event, client: PaymentsServiceStub) -> int:
    """How many calls were answered; raises what the first failed one did."""
    made = 0
    while not done.is_set():
        client.RequestPayment(a_request())
        made += 1
    return made


def wait_until_called(replica: Program) -> None:
    """The last of the two may only go when the first takes calls again."""
    told = len(replica.log)
    for _ in range(300):
        if "EncodeMessage" in replica.log[told:]:
            return
        Event().wait(0.1)
    raise AssertionError("the replica that came back is not called")
