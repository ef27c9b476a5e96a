"""TLS on the ports that the public reaches, and on that of the metrics: what is spoken, and with which certificate."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from services.runtime.probe import why_not_healthy
from tests.certificates import DAY, Authority, spoken
from tests.faults.parties import a_request, payments
from tests.processes import Program, Start, a_lasting_address


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def metrics() -> str:
    return a_lasting_address()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, authority: Authority, metrics: str) -> Iterator[Program]:
    directory = tmp_path_factory.mktemp("gateway")
    given = {"metrics_listen": metrics, "did_web": "localhost", **authority.public()}
    with Program.start("gateway", directory, **given) as program:
        yield program


@pytest.fixture(scope="module")
def addresses(gateway: Program, metrics: str) -> dict[str, str]:
    """Every port of the gateway by what it is for."""
    return {"gRPC": gateway.address, "HTTP": gateway.url.removeprefix("https://"), "metrics": metrics}


@pytest.fixture
def web(gateway: Program, authority: Authority) -> Iterator[httpx.Client]:
    trusting = ssl.create_default_context(cafile=authority.file)
    with httpx.Client(base_url=gateway.url, verify=trusting) as client:
        yield client


def shown_at(address: str) -> str:
    host, _, port = address.rpartition(":")
    return ssl.get_server_certificate((host, int(port)))


def test_who_trusts_the_authority_is_served_over_grpc(gateway: Program, authority: Authority) -> None:
    with payments(gateway.address, authority.trusted()) as client:
        assert client.RequestPayment(a_request()).text


def test_pages_and_documents_are_served_over_https(web: httpx.Client) -> None:
    assert web.get("/livez").json() == {"status": "alive"}
    assert "<form" in web.get("/new").text
    asked = web.post("/paymentRequest", json={"amount": "1", "currency": "EUR", "recipient_id": "Ana"})
    assert web.get(f"/r/{asked.json()['session_id']}").status_code == 200
    assert web.get("/contexts/v1").json()["@context"]
    assert web.get("/.well-known/did.json").json()["id"] == "did:web:localhost"


def test_metrics_are_served_over_https_and_tell_when_it_is_over(
    addresses: dict[str, str], authority: Authority
) -> None:
    trusting = ssl.create_default_context(cafile=authority.file)
    text = httpx.get(f"https://{addresses['metrics']}/metrics", verify=trusting).text
    [left] = re.findall(r'counterfoil_certificate_expires_timestamp_seconds{file=".*/a.pem"} (\S+)', text)
    assert float(left) == pytest.approx(time.time() + DAY.total_seconds(), abs=600)


@pytest.mark.parametrize("port", ["gRPC", "HTTP", "metrics"])
@pytest.mark.parametrize(
    ("version", "outcome"),
    [(ssl.TLSVersion.TLSv1_1, None), (ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
    ids=["1.1", "1.2", "1.3"],
)
def test_tls_1_2_is_the_oldest_that_is_spoken(
    addresses: dict[str, str], authority: Authority, port: str, version: ssl.TLSVersion, outcome: str | None
) -> None:
    assert spoken(addresses[port], authority.file, version) == outcome


@pytest.mark.parametrize("port", ["gRPC", "HTTP", "metrics"])
def test_who_asks_for_another_host_finds_another_certificate(
    addresses: dict[str, str], authority: Authority, port: str
) -> None:
    assert spoken(addresses[port], authority.file, ssl.TLSVersion.TLSv1_3, name="pay.example.org") is None


def test_a_caller_in_plain_text_is_told_unavailable_and_the_next_is_served(
    gateway: Program, authority: Authority
) -> None:
    with payments(gateway.address) as plain, pytest.raises(grpc.RpcError) as refused:
        plain.RequestPayment(a_request(), timeout=5)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    with payments(gateway.address, authority.trusted()) as client:
        client.RequestPayment(a_request())


@pytest.mark.parametrize("port", ["HTTP", "metrics"])
def test_a_request_in_plain_text_ends_at_once_without_an_answer(
    gateway: Program, addresses: dict[str, str], web: httpx.Client, port: str
) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{addresses[port]}/livez", timeout=5)
    assert web.get("/livez").status_code == 200
    assert "Traceback" not in gateway.log


def test_a_handshake_that_fails_is_no_line_in_the_log(gateway: Program, addresses: dict[str, str]) -> None:
    """Strangers could write as many of them as they like."""
    for address in addresses.values():
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as stranger:
            stranger.sendall(b"\x16\x03\x01\x00\x05hello")
            stranger.recv(1000)
    assert "handshake" not in gateway.log.casefold()


def test_a_silent_caller_of_the_metrics_keeps_nobody_waiting(addresses: dict[str, str], authority: Authority) -> None:
    host, _, port = addresses["metrics"].rpartition(":")
    with socket.create_connection((host, int(port))):
        assert spoken(addresses["metrics"], authority.file, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_it_is_healthy_although_its_certificate_is_for_the_publics_name(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Authority(tmp_path / "authority").write(names=("*.example.org",))
    given = {f"public_tls_{name}": str(path) for name, path in files.items()}
    gateway = start("gateway", tmp_path, http_listen="off", **given)

    monkeypatch.setenv("COUNTERFOIL_GATEWAY_LISTEN", gateway.address)
    assert why_not_healthy(gateway.address) != ""
    monkeypatch.setenv("COUNTERFOIL_PUBLIC_TLS_CERTIFICATE", given["public_tls_certificate"])
    assert why_not_healthy(gateway.address) == ""


def test_every_port_shows_a_replaced_certificate_without_a_restart(start: Start, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    metrics = a_lasting_address()
    gateway = start("gateway", tmp_path, metrics_listen=metrics, **authority.public())
    ports = (gateway.address, gateway.url.removeprefix("https://"), metrics)
    before = {port: shown_at(port) for port in ports}

    authority.write()
    replaced = (authority.directory / "a.pem").read_text()

    assert {port: shown_at(port) for port in ports} == dict.fromkeys(ports, replaced)
    assert replaced not in before.values()


def test_a_key_that_does_not_fit_is_said_and_every_port_goes_on(start: Start, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    gateway = start("gateway", tmp_path, **authority.public())
    shown = (authority.directory / "a.pem").read_text()
    _, key = authority.certify()
    (authority.directory / "a.key").write_bytes(key)

    assert shown_at(gateway.address) == shown
    assert shown_at(gateway.url.removeprefix("https://")) == shown
    assert gateway.log.count("certificate not taken over") == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"public_tls_key": ""}, "COUNTERFOIL_PUBLIC_TLS_CERTIFICATE and COUNTERFOIL_PUBLIC_TLS_KEY: give all of them"),
        ({"public_tls_key": "ca.pem"}, "COUNTERFOIL_PUBLIC_TLS_CERTIFICATE: "),
        ({"public_tls_certificate": "nothing.pem"}, "No such file or directory"),
    ],
    ids=["one alone", "no key", "no file"],
)
def test_files_that_do_not_do_stop_the_start(launch: Start, tmp_path: Path, given: dict[str, str], why: str) -> None:
    authority = Authority(tmp_path / "authority")
    wrong = {name: str(authority.directory / file) if file else "" for name, file in given.items()}
    program = launch("gateway", tmp_path, **authority.public() | wrong)

    assert program.wait() == 2
    assert why in program.log
    assert program.log.count("\n") == 1


def test_a_certificate_whose_time_is_over_stops_the_start(launch: Start, tmp_path: Path) -> None:
    files = Authority(tmp_path / "authority").write(lifetime=-DAY)
    program = launch("gateway", tmp_path, **{f"public_tls_{name}": str(path) for name, path in files.items()})

    assert program.wait() == 2
    assert "certificate has expired" in program.log
