"""Where a gateway is, whether what is said to it is encrypted, and why it may be silent."""

from __future__ import annotations

import ssl
from pathlib import Path

import grpc

from services.runtime.loopback import is_loopback

_PORTS = {"https": 443, "http": 80}

_NO_TLS = "{} speaks no TLS; write http:// before it, if nobody between here and there can read along"
# What gRPC says of a connection that failed, and what that means. The first that fits.
_MEANINGS = (
    ("WRONG_VERSION_NUMBER", _NO_TLS),
    ("certificate has expired", "the certificate of {} has expired"),
    ("certificate is not yet valid", "the certificate of {} is not valid yet; is the clock right?"),
    ("Hostname Verification", "the certificate of {} is for another host"),
    (
        "handshake failed",
        "the certificate of {} is of no authority trusted here; give the file of one that is (ca, --ca)",
    ),
    ("Socket closed", "{} ended the connection; if it speaks TLS, write https:// before it"),
)


def channel_to(
    server: str,
    ca: Path | None,
    credentials: grpc.ChannelCredentials | None,
    options: list[tuple[str, int]],
) -> grpc.Channel:
    """Raises ValueError for no name of a server, and OSError for a file that holds no authority."""
    address, encrypted = _read(server)
    if ca and credentials:
        raise ValueError("give ca or credentials, not both")
    if encrypted is False and (ca or credentials):
        raise ValueError("http:// is without TLS; write https://")
    if ca or encrypted:
        credentials = credentials or grpc.ssl_channel_credentials(_authorities(ca))
    if credentials:
        return grpc.secure_channel(address, credentials, options)
    return grpc.insecure_channel(address, options)


def why_silent(server: str, said: str) -> str:
    """A sentence for a server that gave no answer, from what gRPC says of it."""
    for found, meaning in _MEANINGS:
        if found in said:
            return meaning.format(server)
    return f"no answer from {server}; is a server running there? `counterfoil serve` starts one"


def _read(server: str) -> tuple[str, bool | None]:
    """The address for gRPC, and whether it has to be TLS. None: on this machine, and as one likes."""
    scheme, _, address = server.rpartition("://")
    address = address.removesuffix("/")
    if scheme not in ("", *_PORTS) or (scheme and "/" in address) or not address:
        raise ValueError("give HOST:PORT, https://HOST:PORT or, without TLS, http://HOST:PORT")
    if not scheme:
        local = address.startswith("unix:") or is_loopback(address.rpartition(":")[0])
        return address, None if local else True
    has_port = address.rpartition(":")[2].isdecimal()
    return address if has_port else f"{address}:{_PORTS[scheme]}", scheme == "https"


def _authorities(ca: Path | None) -> bytes | None:
    """None: those that gRPC brings along."""
    path = ca or ssl.get_default_verify_paths().cafile  # SSL_CERT_FILE, or what OpenSSL was built with.
    if path is None:
        return None
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    return Path(path).read_bytes()
