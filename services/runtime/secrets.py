"""Secrets in files that only their owner can read, made where they are missing."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from services.runtime.directories import make_directory, sync_directory
from services.runtime.settings import BadSetting


def key_of(given: SecretStr | None, path: Path) -> bytes:
    """32 bytes: those of the setting, else those in the file, which is made with random ones when there is none."""
    text = (
        given.get_secret_value() if given else _read_or_make(path, base64.b64encode(secrets.token_bytes(32)).decode())
    )
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadSetting(f"{path}: not a key of 32 bytes in Base64; put the file back as it was")
    return key


def token_of(given: SecretStr | None, path: Path) -> str:
    return given.get_secret_value() if given else _read_or_make(path, secrets.token_urlsafe(32))


def _read_or_make(path: Path, fresh: str) -> str:
    if path.exists():
        return path.read_text().strip()
    make_directory(path.parent)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(descriptor)
        # Linking never replaces a file and shows it only when whole, so that two processes end up with one secret.
        os.link(temporary, path)
        # Before anything is sealed with it.
        sync_directory(path.parent)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_text().strip()
