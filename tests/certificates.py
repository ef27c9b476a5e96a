"""Authorities, and certificates of theirs with whatever a test wants to be wrong about them."""

from __future__ import annotations

import datetime
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

    def certify(self, names: tuple[str, ...] = NAMES, lifetime: datetime.timedelta = DAY) -> tuple[bytes, bytes]:
        """A certificate and its key; with a lifetime below zero, one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([_alternative(each) for each in names])
        made = _certificate(_named("An authority for tests"), _named(names[0]), key.public_key(), lifetime)
        signed = made.add_extension(alternative, critical=False).sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def write(self, names: tuple[str, ...] = NAMES, lifetime: datetime.timedelta = DAY) -> dict[str, Path]:
        """The same in files, in place of those before."""
        paths = {"certificate": self.directory / "a.pem", "key": self.directory / "a.key"}
        for path, content in zip(paths.values(), self.certify(names, lifetime), strict=True):
            path.write_bytes(content)
        return paths

    def public(self) -> dict[str, str]:
        """Settings for a gateway."""
        return {f"public_tls_{name}": str(path) for name, path in self.write().items()}

    def between_services(self, names: tuple[str, ...] = NAMES) -> dict[str, str]:
        """Settings for a gateway and services."""
        return {f"tls_{name}": str(path) for name, path in {**self.write(names), "ca": self.file}.items()}

    def trusted(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(self.file.read_bytes())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdecimal() else x509.DNSName(name)


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: datetime.timedelta
) -> x509.CertificateBuilder:
    ends_at = datetime.datetime.now(datetime.UTC) + lifetime
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), ends_at - 31 * DAY, ends_at)
