"""Where a gateway is, and whether what is said to it is encrypted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from client.sdk.gateway import Gateway
from client.sdk.servers import channel_to
from counterfoil.sdk import NotReachable
from tests.certificates import DAY, NAMES, Authority

AN_ID = "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def showing(authority: Authority, names: tuple[str, ...] = NAMES, lifetime: timedelta = DAY) -> Iterator[str]:
    """Somebody who shows a certificate, and has nothing more to say."""
    certificate, key = authority.certify(names, lifetime)
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


def why_not(server: str, **more: Any) -> str:
    with Gateway(server, timeout_seconds=20, **more) as gateway, pytest.raises(NotReachable) as lost:
        gateway.get_session(AN_ID)
    return lost.value.sentence


@pytest.mark.parametrize(
    ("server", "opened"),
    [
        ("localhost:50050", ("plain", "localhost:50050")),
        ("127.0.0.1:50050", ("plain", "127.0.0.1:50050")),
        ("[::1]:50050", ("plain", "[::1]:50050")),
        ("unix:/run/counterfoil", ("plain", "unix:/run/counterfoil")),
        ("http://10.0.0.7:50050", ("plain", "10.0.0.7:50050")),
        ("http://pay.example.org/", ("plain", "pay.example.org:80")),
        ("https://localhost:50050", ("TLS", "localhost:50050")),
        ("https://pay.example.org", ("TLS", "pay.example.org:443")),
        ("https://[2001:db8::1]", ("TLS", "[2001:db8::1]:443")),
        ("pay.example.org:50050", ("TLS", "pay.example.org:50050")),
        ("10.0.0.7:50050", ("TLS", "10.0.0.7:50050")),
        ("localhost.example.org:50050", ("TLS", "localhost.example.org:50050")),
        ("127.1:50050", ("TLS", "127.1:50050")),
    ],
)
def test_only_this_machine_and_http_are_without_tls(
    monkeypatch: pytest.MonkeyPatch, server: str, opened: tuple[str, str]
) -> None:
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(grpc, "insecure_channel", lambda address, _options: made.append(("plain", address)))
    monkeypatch.setattr(grpc, "secure_channel", lambda address, *_more: made.append(("TLS", address)))

    channel_to(server, None, None, [])

    assert made == [opened]


@pytest.mark.parametrize("server", ["", "https://", "ftp://pay.example.org", "https://pay.example.org/payments"])
def test_what_is_no_server_is_refused(server: str) -> None:
    with pytest.raises(ValueError, match="give HOST:PORT"):
        Gateway(server)


def test_an_authority_goes_with_tls_only(authority: Authority) -> None:
    with pytest.raises(ValueError, match="http:// is without TLS"):
        Gateway("http://localhost:50050", ca=authority.file)


def test_a_file_without_an_authority_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind\n")
    with pytest.raises(ssl.SSLError):
        Gateway("localhost:50050", ca=tmp_path / "ca.pem")
    with pytest.raises(FileNotFoundError):
        Gateway("localhost:50050", ca=tmp_path / "none.pem")


def test_the_usual_authorities_are_those_of_the_environment(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with showing(authority) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        with Gateway(f"https://{server}") as gateway, pytest.raises(Exception, match="is no Counterfoil gateway"):
            gateway.get_session(AN_ID)


def test_a_certificate_of_another_authority_is_said_to_be_one(authority: Authority, tmp_path: Path) -> None:
    with showing(authority) as server:
        assert "no authority trusted here" in why_not(server, ca=Authority(tmp_path / "others").file)
        assert "no authority trusted here" in why_not(f"https://{server}")


def test_a_certificate_for_another_host_is_said_to_be_one(authority: Authority) -> None:
    with showing(authority, names=("pay.example.org",)) as server:
        assert why_not(server, ca=authority.file) == f"the certificate of {server} is for another host"


def test_an_expired_certificate_is_said_to_be_one(authority: Authority) -> None:
    with showing(authority, lifetime=-DAY) as server:
        assert why_not(server, ca=authority.file) == f"the certificate of {server} has expired"


def test_plain_text_to_a_port_with_tls_is_told_of_https(authority: Authority) -> None:
    with showing(authority) as server:
        assert "write https:// before it" in why_not(server)


def test_tls_to_a_port_without_is_told_so() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    assert "speaks no TLS" in why_not(f"https://127.0.0.1:{port}")
    server.stop(None)
