"""`python -m services.runtime.probe localhost:50051`: exits 0 when the server there takes calls.

For container engines, which run it often: it imports little, and reads no settings.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

SECONDS_MAX = 3.0
# There is no TLS for the public yet.
GATEWAY_PORT = ":50050"


def why_not_healthy(address: str) -> str:
    """Empty for a server that takes calls."""
    try:
        with _channel(address) as channel:
            answer = HealthStub(channel).Check(HealthCheckRequest(), timeout=SECONDS_MAX)
    except grpc.RpcError as error:
        return f"{address}: {error.code().name}"
    serving = answer.status == HealthCheckResponse.SERVING
    return "" if serving else f"{address}: {HealthCheckResponse.ServingStatus.Name(answer.status)}"


def _channel(address: str) -> grpc.Channel:
    certificate, key, authority = (os.environ.get(f"COUNTERFOIL_TLS_{name}") for name in ("CERTIFICATE", "KEY", "CA"))
    if not (certificate and key and authority) or address.endswith(GATEWAY_PORT):
        return grpc.insecure_channel(address)
    shown = (Path(path).read_bytes() for path in (authority, key, certificate))
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*shown))


if __name__ == "__main__":
    # A text goes to stderr, with exit code 1.
    sys.exit(why_not_healthy(*sys.argv[1:]) or 0)
