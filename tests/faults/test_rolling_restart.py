"""Two of each service: calls go to both, and one after the other may be stopped and started while calls arrive."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import grpc
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.deployment import SERVICES
from tests.faults.parties import OPTIONS, a_claim, a_request, an_acknowledgement, eur, why
from tests.postgres import Postgres
from tests.processes import Program, Start, a_lasting_address

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
REPLICAS = 2
# What docs/running.md says to give a client with several addresses. Nothing is tried again.
BALANCING = {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}
RECONNECTING = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]
# In so long every caller has found a replica that came back.
FOUND_SECONDS = 2.0
BACK_SECONDS_MAX = 60.0
CHANGES = 20
SENT_AWAY = ("UNAVAILABLE", "SERVICE_UNAVAILABLE")


@dataclass
class Fleet:
    """Replicas of every service, by its name, on one database."""

    launch: Start
    directory: Path
    settings: dict[str, str]
    replicas: dict[str, list[Program]] = field(default_factory=dict)
    _addresses: dict[tuple[str, int], str] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        for name in names:
            self.replicas[name] = [self._launch(name, number) for number in range(REPLICAS)]
        for name in names:
            addresses = [each.wait_until_listening().address for each in self.replicas[name]]
            self.settings[f"{name}_address"] = ",".join(addresses)

    def restart(self, name: str, number: int) -> None:
        """In order, where it was, and until it is called again."""
        self.replicas[name][number].stop()
        replica = self._launch(name, number)
        told = len(replica.log)
        self.replicas[name][number] = replica.wait_until_listening()
        ends_at = time.monotonic() + BACK_SECONDS_MAX
        while '"event":"call"' not in replica.log[told:]:
            assert time.monotonic() < ends_at, f"{name} came back and is not called"
            time.sleep(0.05)

    def _launch(self, name: str, number: int) -> Program:
        module = name if name == "gateway" else f"services.{name}"
        listen = {f"{name}_listen": self._addresses.setdefault((name, number), a_lasting_address())}
        return self.launch(module, self.directory / f"{name}-{number}", **self.settings, **listen)


@pytest.fixture
def fleet(launch: Start, postgres_server: Postgres, tmp_path: Path) -> Fleet:
    url = postgres_server.fresh()
    shared = {"database_url": url, "key_encryption_key": KEY, "payee_token_key": KEY, "log_format": "json"}
    fleet = Fleet(launch, tmp_path, shared)
    fleet.start(*SERVICES)
    fleet.start("gateway")
    return fleet


@pytest.fixture
def client(fleet: Fleet) -> Iterator[PaymentsServiceStub]:
    target = f"ipv4:{fleet.settings['gateway_address']}"
    options = [*OPTIONS, *RECONNECTING, ("grpc.service_config", json.dumps(BALANCING))]
    with grpc.insecure_channel(target, [*options, ("grpc.use_local_subchannel_pool", 1)]) as channel:
        yield PaymentsServiceStub(channel)


def test_a_rolling_restart_of_every_service_fails_no_call_and_hides_no_change(
    fleet: Fleet, client: PaymentsServiceStub
) -> None:
    done = Event()
    with ThreadPoolExecutor(8) as pool, ThreadPoolExecutor() as restarting:
        conversing = [pool.submit(converse_until, done, client) for _ in range(3)]
        watching = [pool.submit(watch_until, done, client) for _ in range(4)]
        try:
            for number in range(REPLICAS):
                # The first of every service, at the same time, then the others.
                with a_stream(fleet.replicas["gateway"][number].address) as stream:
                    for restarted in [restarting.submit(fleet.restart, name, number) for name in fleet.replicas]:
                        restarted.result()
                    with pytest.raises(grpc.RpcError) as ended:
                        next(stream)
                    assert why(ended.value) == SENT_AWAY
                time.sleep(FOUND_SECONDS)
        finally:
            done.set()
        assert sum(each.result() for each in conversing) > 20
        for each in watching:
            each.result()


def converse_until(done: Event, client: PaymentsServiceStub) -> int:
    """How many conversations took place; raises what the first failed call did."""
    made = 0
    while not done.is_set():
        opened = client.RequestPayment(a_request(50_00))
        claim = client.ClaimPayment(a_claim(opened.session.id, 50_00))
        receipt = client.AcknowledgePayment(an_acknowledgement(opened.payee_token, claim.text))
        assert receipt.session.paid_amount == eur(50_00)
        made += 1
    return made


@contextmanager
def a_stream(address: str) -> Iterator[Iterator[pb.WatchSessionResponse]]:
    """From this replica, begun."""
    with grpc.insecure_channel(address, OPTIONS) as channel:
        client = PaymentsServiceStub(channel)
        session_id = client.RequestPayment(a_request()).session.id
        stream = client.WatchSession(pb.WatchSessionRequest(session_id=session_id), timeout=BACK_SECONDS_MAX)
        next(stream)
        yield stream


def watch_until(done: Event, client: PaymentsServiceStub) -> None:
    """Where a stream was ended, it was with a status that says to resume elsewhere."""
    while not done.is_set():
        watch_claims(done, client, client.RequestPayment(a_request()).session.id)


def watch_claims(done: Event, client: PaymentsServiceStub, session_id: str) -> None:
    """Claims when the claim before has been seen, and sees every one once, whoever tells of it."""
    seen: list[int] = []
    while len(seen) < CHANGES:
        asked = pb.WatchSessionRequest(session_id=session_id, after_sequence=seen[-1] if seen else None)
        try:
            for change in client.WatchSession(asked, timeout=BACK_SECONDS_MAX):
                seen.append(change.sequence)
                if len(seen) == CHANGES:
                    break
                done.wait(0.2)
                client.ClaimPayment(a_claim(session_id, 1_00))
        except grpc.RpcError as error:
            if why(error) != SENT_AWAY:
                raise
    assert seen == list(range(1, CHANGES + 1))
