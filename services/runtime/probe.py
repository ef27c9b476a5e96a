"""`python -m services.runtime.probe localhost:50051`: exits 0 when the server there takes calls.

For container engines, which run it often, beside the server and in its environment: it imports little, and reads no
more settings than it needs.
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

SECONDS_MAX = 3.0


def why_not_healthy(address: str) -> str:
    """Empty for a server that takes calls."""
    try:
        with _channel(address) as channel:
            answer = HealthStub(channel).Check(HealthCheckRequest(), timeout=SECONDS_MAX)
    except OSError as error:
        return f"{address}: {error.strerror or type(error).__name__}"
    except grpc.RpcError as error:
        return f"{address}: {error.code().name}"
    serving = answer.status == HealthCheckResponse.SERVING
    return "" if serving else f"{address}: {HealthCheckResponse.ServingStatus.Name(answer.status)}"


def _channel(address: str) -> grpc.Channel:
    gateway = os.environ.get("COUNTERFOIL_GATEWAY_LISTEN", "127.0.0.1:50050")
    if _port(address) == _port(gateway):
        public = os.environ.get("COUNTERFOIL_PUBLIC_TLS_CERTIFICATE")
        return _to_the_public_port(address, Path(public)) if public else grpc.insecure_channel(address)
    shown = [os.environ.get(f"COUNTERFOIL_TLS_{name}") for name in ("CA", "KEY", "CERTIFICATE")]
    if not all(shown):
        return grpc.insecure_channel(address)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*(Path(str(path)).read_bytes() for path in shown)))


def _to_the_public_port(address: str, certificate: Path) -> grpc.Channel:
    """Its certificate is trusted as such, and for the public's name, which is not the one that it is asked by here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(certificate)
    host, _, port = address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), SECONDS_MAX) as plain,
        context.wrap_socket(plain) as spoken,
    ):
        named: Any = spoken.getpeercert()
    _, name = named["subjectAltName"][0]
    return grpc.secure_channel(
        address,
        grpc.ssl_channel_credentials(certificate.read_bytes()),
        [("grpc.ssl_target_name_override", name.replace("*", "any"))],
    )


def _port(address: str) -> str:
    return address.rpartition(":")[2]


if __name__ == "__main__":
    # A text goes to stderr, with exit code 1.
    sys.exit(why_not_healthy(*sys.argv[1:]) or 0)
