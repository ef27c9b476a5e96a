"""Every setting of every service: one frozen object, read once from `COUNTERFOIL_*` in the environment."""

from __future__ import annotations

import base64
import binascii
import os
import re
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class BadSetting(Exception):
    """One line that names the variable and what is wrong with it."""


def _check_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isdecimal() and int(port) <= 65535):
        raise ValueError("give host:port, such as 127.0.0.1:50050")
    return value


def _check_addresses(value: str) -> str:
    addresses = value.split(",")
    for each in addresses:
        host = _check_address(each).rpartition(":")[0]
        if len(addresses) > 1:
            IPv4Address(host)  # gRPC resolves one name; it may stand for several addresses.
    return value


def _check_address_or_off(value: str) -> str:
    return value if value == "off" else _check_address(value)


def _check_key(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        try:
            size = len(base64.b64decode(value.get_secret_value(), validate=True))
        except binascii.Error:
            size = 0
        if size != 32:
            raise ValueError("give 32 random bytes in Base64, as `openssl rand -base64 32` prints them")
    return value


# Lower-case labels with a letter at the start of the last one, so that no way to spell an IP address fits.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)*[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
_DID_WEB = re.compile(rf"{_HOST}(?:%3A[0-9]{{1,5}})?(?::[A-Za-z0-9_-]+)*", re.ASCII)
_PUBLIC_URL = re.compile(
    rf"(?:https://{_HOST}|http://(?:localhost|127\.0\.0\.1))(?::[0-9]{{1,5}})?(?:/[A-Za-z0-9_-]+)*"
)
_ORIGIN = re.compile(rf"https?://(?:{_HOST}|127\.0\.0\.1)(?::[0-9]{{1,5}})?", re.ASCII)
# Both go into every credential, and credentials have to fit a QR code.
_DID_WEB_MAX = 120
_PUBLIC_URL_MAX = 80


def _check_did_web(value: str) -> str:
    if len(value) > _DID_WEB_MAX or not _DID_WEB.fullmatch(value):
        raise ValueError("give a host name, or host:path with colons for slashes, such as pay.example.org")
    return value


def _check_public_url(value: str) -> str:
    if len(value) > _PUBLIC_URL_MAX or not _PUBLIC_URL.fullmatch(value):
        raise ValueError(f"give at most {_PUBLIC_URL_MAX} characters such as https://pay.example.org, without a slash")
    return value


def _check_origin(value: str) -> str:
    if value != "*" and not _ORIGIN.fullmatch(value):
        raise ValueError("give origins such as https://shop.example.org, without a path, separated by commas; or *")
    return value


def _check_allowed(value: str) -> str:
    if not re.fullmatch(_HOST, value):
        ip_network(value)
    return value


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _check_token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < 16:
        raise ValueError("give at least 16 characters, as `openssl rand -base64 32` prints them")
    return value


def _check_database_url(value: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?://", value.get_secret_value()):
        raise ValueError("give postgresql://user:password@host/database, or leave it out for SQLite")
    return value


def _check_did(value: str) -> str:
    if not re.fullmatch(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+", value, re.ASCII):
        raise ValueError("give DIDs, such as did:key:z6Mk..., separated by commas")
    return value


Did = Annotated[str, AfterValidator(_check_did)]
Address = Annotated[str, AfterValidator(_check_address)]
Addresses = Annotated[str, AfterValidator(_check_addresses)]
Key = Annotated[SecretStr | None, AfterValidator(_check_key)]
PlaintextUse = Literal["public", "services", "metrics"]
Check = Literal["key_status", "issuer_authority", "link", "revocation", "trust"]


class Settings(BaseSettings):
    """The defaults run everything in one process on loopback, with SQLite and keys under ./var."""

    model_config = SettingsConfigDict(env_prefix="COUNTERFOIL_", env_ignore_empty=True, frozen=True, extra="ignore")

    # Where to listen. Port 0 takes a free one.
    gateway_listen: Address = "127.0.0.1:50050"
    codec_listen: Address = "127.0.0.1:50051"
    credentials_listen: Address = "127.0.0.1:50052"
    sessions_listen: Address = "127.0.0.1:50053"
    # Where the gateway listens for HTTP; "off": nowhere.
    http_listen: Annotated[str, AfterValidator(_check_address_or_off)] = "127.0.0.1:8080"

    # Web origins whose scripts may call the gateway over HTTP; comma-separated, "*" for any.
    http_cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_check_origin)], ...], NoDecode, BeforeValidator(_split)
    ] = ()

    # Where Prometheus finds the process's metrics; "off": nowhere.
    metrics_listen: Annotated[str, AfterValidator(_check_address_or_off)] = "off"

    # Where the other services are: a name, which may stand for several replicas, or their IPv4 addresses,
    # comma-separated. Unset: in this process.
    codec_address: Addresses | None = None
    credentials_address: Addresses | None = None
    sessions_address: Addresses | None = None

    # TLS between services, in PEM: what this one shows, and the authority of what it is shown. Unset: none.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    # What the gateway shows the public, over gRPC and HTTP. Unset: no TLS there.
    public_tls_certificate: Path | None = None
    public_tls_key: Path | None = None
    # What may go over the network without TLS: the gateway's ports, calls between services, metrics; comma-separated.
    plaintext: Annotated[tuple[PlaintextUse, ...], NoDecode, BeforeValidator(_split)] = ()

    # A directory with settings as files, named as in the environment, which wins. For secrets that are mounted.
    secrets_dir: Path | None = None

    # Databases where no URL is given, and key files where a key is not given below.
    data_dir: Path = Path("var")
    # PostgreSQL, as libpq takes it. Each service keeps to a schema of its own there, counterfoil_sessions and so on.
    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)] | None = None

    # How many days sessions are kept after they ended, and where they are archived before they are deleted. Unset: they
    # are kept for ever.
    retention_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    archive_dir: Path | None = None

    # Wraps the private keys at rest. Unset: the file key-encryption-key, made on first start.
    key_encryption_key: Key = None
    # The one before: opens what it wrapped, which is then wrapped anew at the start. Wraps nothing.
    previous_key_encryption_key: Key = None
    # Derives payee tokens. Unset: the file payee-token-key, made on first start.
    payee_token_key: Key = None
    # Authorises the operator: listing sessions, keys, revoking, issuing over HTTP. Unset: the file operator-token, made
    # on first start.
    operator_token: Annotated[SecretStr | None, AfterValidator(_check_token)] = None

    # How this service signs: the kind of key it makes on first start.
    issuer_suite: Literal["eddsa-jcs-2022", "ecdsa-jcs-2019", "ecdsa-jcs-2019/P-384"] = "eddsa-jcs-2022"
    # The issuer's host, or host:path: it is then did:web:... whatever its key. Unset: the did:key of its current key.
    did_web: Annotated[str, AfterValidator(_check_did_web)] | None = None
    # Where the public reaches the gateway over HTTP. Credentials then name a status list there and can be revoked.
    public_url: Annotated[str, AfterValidator(_check_public_url)] | None = None

    # Issuers whose credentials are accepted besides this service's own; comma-separated DIDs.
    trusted_issuers: Annotated[tuple[Did, ...], NoDecode, BeforeValidator(_split)] = ()
    # Checks that may be left unknown without keeping a credential from being accepted; comma-separated names.
    accept_unknown: Annotated[tuple[Check, ...], NoDecode, BeforeValidator(_split)] = ()
    # A directory with DID documents, read at the start. They win over the network.
    pinned_dids: Path | None = None
    # Whether to fetch others' DID documents and status lists.
    fetch: bool = False
    # Hosts and networks that may be fetched from although they are not public; comma-separated.
    fetch_allowed: Annotated[
        tuple[Annotated[str, AfterValidator(_check_allowed)], ...], NoDecode, BeforeValidator(_split)
    ] = ()

    # The longest time a call may take, whatever the caller allows.
    deadline_seconds_max: Annotated[float, Field(gt=0, le=300)] = 30
    # How long running calls may go on after SIGTERM.
    grace_seconds: Annotated[float, Field(ge=0, le=300)] = 10
    # Whether servers describe their services to tools such as grpcurl.
    reflection: bool = True

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"


def read_settings() -> Settings:
    """Reads the environment. Raises BadSetting."""
    directory = os.environ.get("COUNTERFOIL_SECRETS_DIR") or None
    if directory and not Path(directory).is_dir():
        raise BadSetting(f"COUNTERFOIL_SECRETS_DIR: {directory} is not a directory")
    try:
        return Settings(_secrets_dir=directory)
    except OSError as error:
        raise BadSetting(f"COUNTERFOIL_SECRETS_DIR: {error.filename} cannot be read") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "COUNTERFOIL_" + str(first["loc"][0]).upper()
        raise BadSetting(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
