"""TLS between services: who may call, with what, and what becomes of it when the certificates are replaced."""

from __future__ import annotations

import ssl
import subprocess
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from tests.certificates import DAY, Authority, spoken
from tests.faults.deployment import SERVICES
from tests.faults.parties import a_request, payments
from tests.processes import Program, Start

CERTS = Path(__file__).parents[2] / "deploy" / "certs.sh"


def make_certificates(directory: Path) -> Path:
    subprocess.run([CERTS, directory], check=True, capture_output=True)
    return directory


def shown(certificates: Path, name: str) -> dict[str, str]:
    files = {"certificate": "tls.crt", "key": "tls.key", "ca": "ca.crt"}
    return {f"tls_{setting}": str(certificates / name / file) for setting, file in files.items()}


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    return make_certificates(tmp_path / "certificates")


@pytest.fixture
def codec(start: Start, tmp_path: Path, certificates: Path) -> Program:
    return start("services.codec", tmp_path / "codec", **shown(certificates, "codec"))


def is_served(address: str, credentials: grpc.ChannelCredentials) -> bool:
    with grpc.secure_channel(address, credentials, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            HealthStub(channel).Check(HealthCheckRequest(), timeout=5)
        except grpc.RpcError:
            return False
        return True


def credentials(directory: Path, name: str = "gateway", authority: Path | None = None) -> grpc.ChannelCredentials:
    key, certificate = (directory / name / f"tls.{kind}" for kind in ("key", "crt"))
    return grpc.ssl_channel_credentials(
        ((authority or directory) / "ca.crt").read_bytes(), key.read_bytes(), certificate.read_bytes()
    )


def test_a_caller_with_a_certificate_of_the_authority_is_served(codec: Program, certificates: Path) -> None:
    assert is_served(codec.address, credentials(certificates))


def test_a_caller_without_a_certificate_is_refused(codec: Program, certificates: Path) -> None:
    assert not is_served(codec.address, grpc.ssl_channel_credentials((certificates / "ca.crt").read_bytes()))


def test_a_caller_with_a_certificate_of_another_authority_is_refused(
    codec: Program, certificates: Path, tmp_path: Path
) -> None:
    others = make_certificates(tmp_path / "others")
    assert not is_served(codec.address, credentials(others, authority=certificates))


def test_a_caller_in_plain_text_is_refused(codec: Program) -> None:
    with grpc.insecure_channel(codec.address) as channel, pytest.raises(grpc.RpcError):
        HealthStub(channel).Check(HealthCheckRequest(), timeout=5)


def test_a_caller_whose_certificate_has_expired_is_refused(start: Start, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    codec = start("services.codec", tmp_path / "codec", **authority.between_services())

    assert is_served(codec.address, authority.caller())
    assert not is_served(codec.address, authority.caller(lifetime=-DAY))


@pytest.mark.parametrize(
    ("version", "outcome"),
    [(ssl.TLSVersion.TLSv1_1, None), (ssl.TLSVersion.TLSv1_2, None), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
    ids=["1.1", "1.2", "1.3"],
)
def test_only_tls_1_3_is_spoken(
    codec: Program, certificates: Path, version: ssl.TLSVersion, outcome: str | None
) -> None:
    own = certificates / "gateway"
    assert spoken(codec.address, certificates / "ca.crt", version, own=own) == outcome


def test_a_service_that_is_told_of_its_certificate_in_a_file_would_speak_1_2_and_does_not_start(
    launch: Start, tmp_path: Path, certificates: Path
) -> None:
    """gRPC reads from the environment alone that it is to speak TLS 1.3."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for setting, path in shown(certificates, "codec").items():
        (secrets / f"counterfoil_{setting}").write_text(path)
    program = launch("services.codec", tmp_path / "codec", secrets_dir=str(secrets))

    assert program.wait() == 2
    assert "give it to a service in the environment" in program.log


def test_the_gateways_certificate_for_the_public_keeps_services_at_1_3(
    start: Start, tmp_path: Path, certificates: Path
) -> None:
    """The gateway itself has to be able to call them, while it speaks 1.2 with the public."""
    codec = start("services.codec", tmp_path / "codec", **shown(certificates, "codec"))
    public = Authority(tmp_path / "authority")
    given = {"codec_address": codec.address, **shown(certificates, "gateway"), **public.public()}
    gateway = start("gateway", tmp_path, http_listen="off", **given)

    with payments(gateway.address, public.trusted()) as client:
        client.RequestPayment(a_request())
    assert spoken(gateway.address, public.file, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    own = certificates / "gateway"
    assert spoken(codec.address, certificates / "ca.crt", ssl.TLSVersion.TLSv1_2, own=own) is None


def test_a_service_that_shows_a_certificate_for_another_name_is_not_called(start: Start, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    misnamed = authority.between_services(names=("sessions",), stem="codec")
    codec = start("services.codec", tmp_path / "codec", **misnamed)
    gateway = start("gateway", tmp_path, codec_address=codec.address, **authority.between_services())

    with payments(gateway.address) as client, pytest.raises(grpc.RpcError) as refused:
        client.RequestPayment(a_request(), timeout=5)
    assert refused.value.code().name in ("UNAVAILABLE", "DEADLINE_EXCEEDED")


def test_a_service_that_shows_another_authoritys_certificate_is_not_called(
    start: Start, tmp_path: Path, certificates: Path
) -> None:
    others = make_certificates(tmp_path / "others")
    codec = start("services.codec", tmp_path / "codec", **shown(others, "codec"))
    gateway = start("gateway", tmp_path, codec_address=codec.address, **shown(certificates, "gateway"))

    with payments(gateway.address) as client, pytest.raises(grpc.RpcError) as refused:
        client.RequestPayment(a_request(), timeout=5)
    assert refused.value.code().name in ("UNAVAILABLE", "DEADLINE_EXCEEDED")


def test_certificates_are_replaced_without_a_restart(start: Start, tmp_path: Path, certificates: Path) -> None:
    """To another authority altogether: whoever still held the old files could not go on."""
    addresses = {
        f"{name}_address": start(f"services.{name}", tmp_path / name, **shown(certificates, name)).address
        for name in SERVICES
    }
    gateway = start("gateway", tmp_path, **addresses, **shown(certificates, "gateway"))
    old = credentials(certificates)
    with payments(gateway.address) as client:
        client.RequestPayment(a_request())
        (certificates / "ca.key").unlink()
        make_certificates(certificates)
        time.sleep(1.5)

        client.RequestPayment(a_request())
        for address in addresses.values():
            assert not is_served(address, old)
            assert is_served(address, credentials(certificates))


def test_one_of_the_three_alone_stops_the_start(launch: Start, tmp_path: Path, certificates: Path) -> None:
    program = launch("services.codec", tmp_path / "codec", tls_certificate=str(certificates / "codec/tls.crt"))
    assert program.wait() == 2
    assert "give all of them" in program.log


def test_a_key_of_another_certificate_stops_the_start(launch: Start, tmp_path: Path, certificates: Path) -> None:
    given = shown(certificates, "codec") | {"tls_key": str(certificates / "gateway/tls.key")}
    program = launch("services.codec", tmp_path / "codec", **given)
    assert program.wait() == 2
    assert "COUNTERFOIL_TLS_CERTIFICATE: " in program.log
