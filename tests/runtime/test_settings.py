"""Settings are read once, and a wrong one says which and why in one line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from services.runtime.secrets import key_of, token_of
from services.runtime.settings import BadSetting, Settings, read_settings


def test_the_empty_environment_is_a_whole_configuration() -> None:
    settings = read_settings()

    assert settings.gateway_listen == "127.0.0.1:50050"
    assert settings.sessions_address is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_LISTEN", "50050"),
        ("GATEWAY_LISTEN", "localhost:99999"),
        ("SESSIONS_ADDRESS", "nowhere"),
        ("SESSIONS_ADDRESS", "10.0.0.1:50053,sessions:50053"),
        ("KEY_ENCRYPTION_KEY", "c2hvcnQ="),
        ("KEY_ENCRYPTION_KEY", "not base64!"),
        ("OPERATOR_TOKEN", "short"),
        ("ISSUER_SUITE", "rot13"),
        ("TRUSTED_ISSUERS", "did:key:z6Mk,not a did"),
        ("GRACE_SECONDS", "soon"),
        ("GRACE_SECONDS", "-1"),
        ("DEADLINE_SECONDS_MAX", "nan"),
        ("LOG_LEVEL", "loud"),
        ("PREVIOUS_KEY_ENCRYPTION_KEY", "c2hvcnQ="),
        ("DID_WEB", "did:web:pay.example.org"),
        ("DID_WEB", "user@pay.example.org"),
        ("DID_WEB", "10.0.0.1"),
        ("DID_WEB", "pay.example.org:8443/x"),
        ("PUBLIC_URL", "http://pay.example.org"),
        ("PUBLIC_URL", "https://pay.example.org/"),
        ("PUBLIC_URL", "https://user@pay.example.org"),
        ("PUBLIC_URL", "https://pay.example.org/" + "x" * 80),
        ("FETCH", "perhaps"),
        ("FETCH_ALLOWED", "10.0.0.0/99"),
        ("FETCH_ALLOWED", "10.0.0.1/8"),
        ("FETCH_ALLOWED", "https://pay.example.org"),
        ("PLAINTEXT", "yes"),
        ("ACCEPT_UNKNOWN", "signature"),
        ("ACCEPT_UNKNOWN", "trust,key_control"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"COUNTERFOIL_{name}", value)

    with pytest.raises(BadSetting) as raised:
        read_settings()

    assert str(raised.value).startswith(f"COUNTERFOIL_{name}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "meaning"),
    [
        ("DID_WEB", "pay.example.org%3A8443:payments", "pay.example.org%3A8443:payments"),
        ("PUBLIC_URL", "https://pay.example.org:8443/payments", "https://pay.example.org:8443/payments"),
        ("PUBLIC_URL", "http://localhost:8080", "http://localhost:8080"),
        ("ACCEPT_UNKNOWN", "trust, revocation", ("trust", "revocation")),
        ("FETCH_ALLOWED", "10.0.0.0/8, fd00::/8, ids.internal", ("10.0.0.0/8", "fd00::/8", "ids.internal")),
    ],
)
def test_a_value_of_its_form_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str, meaning: object) -> None:
    monkeypatch.setenv(f"COUNTERFOIL_{name}", value)

    assert getattr(read_settings(), name.lower()) == meaning


def test_an_empty_value_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_DATA_DIR", "")

    assert read_settings().data_dir == Path("var")


def test_a_secret_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_OPERATOR_TOKEN", "correct horse battery")

    assert "horse" not in repr(read_settings())
    monkeypatch.setenv("COUNTERFOIL_KEY_ENCRYPTION_KEY", "horse")
    with pytest.raises(BadSetting) as raised:
        read_settings()
    assert "horse" not in str(raised.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().grace_seconds = 3  # type: ignore[misc]


def test_a_missing_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"

    assert key_of(None, path) == key_of(None, path)
    assert len(key_of(None, path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_a_key_and_its_directories_are_on_disk_before_anything_is_sealed_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Or else a power cut leaves what nobody can open again."""
    synced: list[tuple[str, bool]] = []
    path = tmp_path / "deep" / "deeper" / "key"
    monkeypatch.setattr(os, "fsync", lambda file: synced.append((os.readlink(f"/proc/self/fd/{file}"), path.exists())))
    key_of(None, path)

    assert {(str(each), False) for each in (tmp_path, tmp_path / "deep")} <= set(synced)
    assert synced[-1] == (str(path.parent), True)


def test_a_given_secret_makes_no_file(tmp_path: Path) -> None:
    assert token_of(SecretStr("correct horse battery"), tmp_path / "token") == "correct horse battery"
    assert list(tmp_path.iterdir()) == []


def test_a_secret_may_be_a_file_named_as_its_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "counterfoil_operator_token").write_text("from-a-mounted-file\n")
    monkeypatch.setenv("COUNTERFOIL_SECRETS_DIR", str(tmp_path))

    assert read_settings().operator_token == SecretStr("from-a-mounted-file")


def test_a_bad_secret_in_a_file_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "counterfoil_key_encryption_key").write_text("too-short")
    monkeypatch.setenv("COUNTERFOIL_SECRETS_DIR", str(tmp_path))

    with pytest.raises(BadSetting, match="COUNTERFOIL_KEY_ENCRYPTION_KEY: ") as raised:
        read_settings()
    assert "too-short" not in str(raised.value)


def test_secrets_that_are_not_mounted_stop_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERFOIL_SECRETS_DIR", str(tmp_path / "missing"))

    with pytest.raises(BadSetting, match=r"COUNTERFOIL_SECRETS_DIR: .*missing is not a directory"):
        read_settings()
