"""Every setting of every service: one frozen object, read once from `COUNTERFOIL_*` in the environment."""

from __future__ import annotations

import base64
import binascii
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


def _check_key(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        try:
            size = len(base64.b64decode(value.get_secret_value(), validate=True))
        except binascii.Error:
            size = 0
        if size != 32:
            raise ValueError("give 32 random bytes in Base64, as `openssl rand -base64 32` prints them")
    return value


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(_check_address)]
Key = Annotated[SecretStr | None, AfterValidator(_check_key)]


class Settings(BaseSettings):
    """The defaults run everything in one process on loopback, with SQLite and keys under ./var."""

    model_config = SettingsConfigDict(env_prefix="COUNTERFOIL_", frozen=True, extra="ignore")

    # Where to listen. Port 0 takes a free one.
    gateway_listen: Address = "127.0.0.1:50050"
    codec_listen: Address = "127.0.0.1:50051"
    credentials_listen: Address = "127.0.0.1:50052"
    sessions_listen: Address = "127.0.0.1:50053"

    # Where the other services are. Unset: in this process.
    codec_address: Address | None = None
    credentials_address: Address | None = None
    sessions_address: Address | None = None

    # Databases, and key files where a key is not given below.
    data_dir: Path = Path("var")

    # Wraps the private keys at rest. Unset: the file key-encryption-key, made on first start.
    key_encryption_key: Key = None
    # Derives payee tokens. Unset: the file payee-token-key, made on first start.
    payee_token_key: Key = None
    # Authorises listing all sessions. Unset: the file operator-token, made on first start.
    operator_token: Annotated[SecretStr | None, Field(min_length=16)] = None

    # How this service signs: the suite of the key it makes on first start.
    issuer_suite: Literal["eddsa-jcs-2022", "ecdsa-jcs-2019"] = "eddsa-jcs-2022"
    # Issuers whose credentials are accepted besides this service's own; comma-separated DIDs.
    trusted_issuers: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()

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
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "COUNTERFOIL_" + str(first["loc"][0]).upper()
        raise BadSetting(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
