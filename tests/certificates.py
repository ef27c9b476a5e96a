"""Authorities, and certificates of theirs with whatever a test wants to be wrong about them."""

from __future__ import annotations

import datetime
import socket
import ssl
import warnings
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
NAMES = ("localhost", "127.0.0.1")


@dataclass
class Authority:
    directory: Path
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        name = _named("An authority for tests")
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        itself = _certificate(name, name, self._key.public_key(), 30 * DAY).add_extension(constraints, critical=True)
        self.file.write_bytes(itself.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    @property
    def file(self) -> Path:
        return self.directory / "ca.pem"

    def certify(
        self,
        names: tuple[str, ...] = NAMES,
        lifetime: datetime.timedelta = DAY,
        use: x509.ExtendedKeyUsage | None = None,
    ) -> tuple[bytes, bytes]:
        """A certificate and its key; with a lifetime below zero, one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([_alternative(each) for each in names])
        made = _certificate(_named("An authority for tests"), _named(names[0]), key.public_key(), lifetime)
        made = made.add_extension(alternative, critical=False)
        if use:
            made = made.add_extension(use, critical=False)
        signed = made.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def write(
        self,
        names: tuple[str, ...] = NAMES,
        lifetime: datetime.timedelta = DAY,
        use: x509.ExtendedKeyUsage | None = None,
        stem: str = "a",
    ) -> dict[str, Path]:
        """The same in files, in place of those before."""
        paths = {"certificate": self.directory / f"{stem}.pem", "key": self.directory / f"{stem}.key"}
        for path, content in zip(paths.values(), self.certify(names, lifetime, use), strict=True):
            path.write_bytes(content)
        return paths

    def public(self) -> dict[str, str]:
        """Settings for a gateway."""
        return {f"public_tls_{name}": str(path) for name, path in self.write().items()}

    def between_services(self, names: tuple[str, ...] = NAMES, stem: str = "a") -> dict[str, str]:
        """Settings for a gateway or a service."""
        return {f"tls_{name}": str(path) for name, path in {**self.write(names, stem=stem), "ca": self.file}.items()}

    def caller(self, lifetime: datetime.timedelta = DAY) -> grpc.ChannelCredentials:
        """Of somebody who shows a certificate."""
        certificate, key = self.certify(lifetime=lifetime)
        return grpc.ssl_channel_credentials(self.file.read_bytes(), key, certificate)

    def trusted(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(self.file.read_bytes())


def spoken(
    address: str, authority: Path, version: ssl.TLSVersion, name: str = "localhost", own: Path | None = None
) -> str | None:
    """The version of TLS in use after a handshake; None for one that fails. `own` holds what the caller shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    if own:
        context.load_cert_chain(own / "tls.crt", own / "tls.key")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")  # Otherwise OpenSSL itself leaves TLS 1.1 alone.
    context.set_alpn_protocols(["h2", "http/1.1"])
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as connection:
                return connection.version()
        except (ssl.SSLError, ConnectionError):
            return None


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdecimal() else x509.DNSName(name)


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: datetime.timedelta
) -> x509.CertificateBuilder:
    ends_at = datetime.datetime.now(datetime.UTC) + lifetime
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), ends_at - 31 * DAY, ends_at)
