"""Certificates that are replaced while a process runs, and all that can go wrong with that."""

from __future__ import annotations

import datetime
import math
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.runtime.certificates import Files
from tests.certificates import DAY, Authority
from tests.logs import captured


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def files(authority: Authority) -> Files:
    return Files(**authority.write())


def test_replaced_files_are_what_is_shown_from_then_on(authority: Authority, files: Files) -> None:
    before = files.current()
    assert files.current() is before

    replacing = authority.write()

    assert files.current().certificate == replacing["certificate"].read_bytes()


def test_a_key_of_another_certificate_is_not_taken_over_and_said_once(authority: Authority, files: Files) -> None:
    before = files.current()
    _, key = authority.certify()
    (authority.directory / "a.key").write_bytes(key)

    with captured() as logged:
        assert files.current() is before
        assert files.current() is before

    [line] = logged
    assert line["event"] == "certificate not taken over"
    assert "KEY_VALUES_MISMATCH" in line["reason"]


def test_a_key_that_comes_after_its_certificate_is_waited_for(authority: Authority, files: Files) -> None:
    before = files.current()
    certificate, key = authority.certify()
    (authority.directory / "a.pem").write_bytes(certificate)
    assert files.current() is before

    (authority.directory / "a.key").write_bytes(key)

    assert files.current().certificate == certificate


@pytest.mark.parametrize("end", [0, 200, -30])
def test_half_a_file_is_not_taken_over(authority: Authority, files: Files, end: int) -> None:
    before = files.current()
    certificate, key = authority.certify()
    (authority.directory / "a.key").write_bytes(key)
    (authority.directory / "a.pem").write_bytes(certificate[:end])
    assert files.current() is before

    (authority.directory / "a.pem").write_bytes(certificate)

    assert files.current().certificate == certificate


def test_what_is_written_while_it_is_read_is_read_again(
    authority: Authority, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files.current()
    authority.write()
    read = Files._read
    with monkeypatch.context() as patched:
        patched.setattr(Files, "_read", lambda self: (read(self), authority.write())[0])
        assert files.current() is before

    assert files.current().certificate == (authority.directory / "a.pem").read_bytes()


def test_files_that_are_gone_for_a_moment_change_nothing(authority: Authority, files: Files) -> None:
    before = files.current()
    (authority.directory / "a.pem").rename(authority.directory / "b.pem")

    with captured() as logged:
        assert files.current() is before
        assert files.current() is before

    assert [line["reason"] for line in logged] == ["No such file or directory"]


def test_a_certificate_whose_time_is_over_is_not_begun_with(authority: Authority) -> None:
    with pytest.raises(ssl.SSLError, match="certificate has expired"):
        Files(**authority.write(lifetime=-DAY))


def test_a_certificate_whose_time_has_not_come_is_not_begun_with(authority: Authority) -> None:
    with pytest.raises(ssl.SSLError, match="certificate is not yet valid"):
        Files(**authority.write(lifetime=datetime.timedelta(days=90)))


def test_a_certificate_whose_time_is_over_is_not_taken_over(authority: Authority, files: Files) -> None:
    before = files.current()
    authority.write(lifetime=-DAY)

    with captured() as logged:
        assert files.current() is before

    assert "certificate has expired" in logged[0]["reason"]


def test_a_certificate_for_clients_alone_is_taken_as_it_is(authority: Authority) -> None:
    only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    assert Files(**authority.write(use=only)).current().expires_at == math.inf


def test_an_authority_that_is_none_is_not_begun_with(authority: Authority) -> None:
    (authority.directory / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(ssl.SSLError):
        Files(**authority.write(), authority=authority.file)


def test_a_key_under_a_passphrase_is_refused_and_asks_nobody(authority: Authority) -> None:
    paths = authority.write()
    key = serialization.load_pem_private_key(paths["key"].read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"horse")
    paths["key"].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))

    with pytest.raises(OSError, match="PEM"):
        Files(**paths)
