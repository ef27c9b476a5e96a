"""The issuer's key at rest: only its owner can open it, and everything else says nothing about it."""

from __future__ import annotations

import base64
import logging
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.credentials import suites, wiring
from services.credentials.key_ring import KeyRing, KeyStore
from services.credentials.keys import Keys, WrappedKey
from services.credentials.store import SqlStore
from services.credentials.vault import WrappingVault
from services.runtime.database import revisions_of
from services.runtime.database_sqlite import SqliteDatabase
from services.runtime.settings import BadSetting, Settings
from tests.credentials.parties import SUITES

KEY = secrets.token_bytes(32)
each_suite = pytest.mark.parametrize("suite", SUITES)


@asynccontextmanager
async def a_store(path: Path) -> AsyncIterator[SqlStore]:
    database = SqliteDatabase(path / "credentials.db", revisions_of("credentials"))
    await database.open()
    try:
        yield SqlStore(database)
    finally:
        await database.close()


async def keys_in(path: Path, suite: suites.KeyKind = suites.EDDSA, key: bytes = KEY) -> Keys:
    async with a_store(path) as store:
        return await opened(store, suite, key)


async def opened(store: KeyStore, suite: suites.KeyKind = suites.EDDSA, key: bytes = KEY) -> Keys:
    ring = KeyRing(store, WrappingVault(key), suite)
    await ring.open()
    return await ring.fresh()


def secret_of(keys: Keys) -> bytes:
    return suites.to_secret(keys.current._private)


@each_suite
async def test_the_key_made_on_first_start_is_there_on_the_next(tmp_path, suite):
    first = await keys_in(tmp_path, suite)
    second = await keys_in(tmp_path, suite)

    assert first.current.did == second.current.did
    assert first.current.sign(b"x") == second.current.sign(b"x")
    assert first.current.kind == suite


@each_suite
async def test_no_file_holds_the_private_key(tmp_path, suite):
    settings = Settings(data_dir=tmp_path, issuer_suite=suite)
    service = await wiring.build(settings, None)
    while_running = {path: path.read_bytes() for path in tmp_path.iterdir()}
    await service.close()
    afterwards = {path: path.read_bytes() for path in tmp_path.iterdir()}
    wrapping_key = base64.b64decode((tmp_path / "key-encryption-key").read_text())
    secret = secret_of(await keys_in(tmp_path, suite, wrapping_key))

    assert len(while_running) >= 2
    for path, content in (*while_running.items(), *afterwards.items()):
        for spelling in _spellings(secret):
            assert spelling not in content, path.name


def _spellings(secret: bytes) -> list[bytes]:
    return [
        secret,
        secret[::-1],
        secret[:16],
        secret.hex().encode(),
        base64.b64encode(secret)[:40],
        base64.urlsafe_b64encode(secret)[:40],
    ]


async def test_the_wrapping_key_is_a_file_that_only_its_owner_reads(tmp_path):
    service = await wiring.build(Settings(data_dir=tmp_path), None)
    await service.close()

    assert (tmp_path / "key-encryption-key").stat().st_mode & 0o777 == 0o600


@each_suite
async def test_the_wrong_wrapping_key_stops_the_start_in_one_line(tmp_path, suite):
    await keys_in(tmp_path, suite)

    with pytest.raises(BadSetting) as refusal:
        await keys_in(tmp_path, suite, secrets.token_bytes(32))

    assert str(refusal.value).startswith("COUNTERFOIL_KEY_ENCRYPTION_KEY: ")
    assert "\n" not in str(refusal.value)


async def test_the_wrong_wrapping_key_makes_no_new_key_even_for_another_suite(tmp_path):
    before = await keys_in(tmp_path)

    with pytest.raises(BadSetting):
        await keys_in(tmp_path, suites.ECDSA_P256, secrets.token_bytes(32))

    assert (await keys_in(tmp_path)).opened.keys() == before.opened.keys()


async def test_a_service_with_the_wrong_wrapping_key_leaves_nothing_open(tmp_path):
    one, other = (SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()) for _ in range(2))
    service = await wiring.build(Settings(data_dir=tmp_path, key_encryption_key=one), None)
    await service.close()

    with pytest.raises(BadSetting):
        await wiring.build(Settings(data_dir=tmp_path, key_encryption_key=other), None)

    assert not (tmp_path / "key-encryption-key").exists()
    assert not (tmp_path / "credentials.db-wal").exists()


@pytest.mark.parametrize("content", ["", "short", "AAAA", "é", "A" * 45])
async def test_a_damaged_wrapping_key_file_stops_the_start_in_one_line(tmp_path, content):
    (tmp_path / "key-encryption-key").write_text(content)

    with pytest.raises(BadSetting, match="key-encryption-key: not a key"):
        await wiring.build(Settings(data_dir=tmp_path), None)


async def test_a_wrapped_key_does_not_open_under_another_did(tmp_path):
    await keys_in(tmp_path)
    await keys_in(tmp_path, suites.ECDSA_P256)
    with sqlite3.connect(tmp_path / "credentials.db") as connection:
        (one, wrapped_one, nonce_one), (other, wrapped_other, nonce_other) = connection.execute(
            "SELECT did, wrapped, nonce FROM issuer_key"
        ).fetchall()
        change = "UPDATE issuer_key SET wrapped = ?, nonce = ? WHERE did = ?"
        connection.execute(change, (wrapped_other, nonce_other, one))
        connection.execute(change, (wrapped_one, nonce_one, other))
    connection.close()

    with pytest.raises(BadSetting):
        await keys_in(tmp_path)


async def test_each_wrapping_has_a_nonce_of_its_own(tmp_path):
    await keys_in(tmp_path)
    await keys_in(tmp_path, suites.ECDSA_P256)
    async with a_store(tmp_path) as store:
        stored = await store.keys()

    assert len({key.nonce for key in stored}) == len(stored) == 2
    assert {len(key.nonce) for key in stored} == {12}


async def test_another_suite_makes_a_new_key_and_keeps_the_old(tmp_path):
    old = await keys_in(tmp_path, suites.EDDSA)
    new = await keys_in(tmp_path, suites.ECDSA_P256)

    assert new.current.did != old.current.did
    assert new.current.cryptosuite == suites.ECDSA_P256
    assert new.opened.keys() == {old.current.did, new.current.did}
    assert new.opened[old.current.did].sign(b"x") == old.current.sign(b"x")


async def test_a_process_that_comes_second_takes_the_key_of_the_first(tmp_path):
    """The second one has looked, found no key and made one of its own before the first one's is stored."""
    async with a_store(tmp_path) as store:
        found_before = await store.keys()
        first = await opened(store)
        late = _Late(store, found_before)

        second = await opened(late)

        assert second.current.did == first.current.did
        assert len(await store.keys()) == 1


async def test_of_two_processes_that_change_the_suite_at_once_one_makes_the_key(tmp_path):
    async with a_store(tmp_path) as store:
        await opened(store)
        found_before = await store.keys()
        first = await opened(store, suites.ECDSA_P256)

        second = await opened(_Late(store, found_before), suites.ECDSA_P256)

        assert second.current.did == first.current.did
        assert len(await store.keys()) == 2


class _Late:
    """A store whose first looks, those of a process that starts, are out of date."""

    def __init__(self, store: SqlStore, found_before: list[WrappedKey]) -> None:
        self._looks = [found_before, found_before]
        self._store = store

    async def keys(self) -> list[WrappedKey]:
        return self._looks.pop() if self._looks else await self._store.keys()

    async def make_current(self, key: WrappedKey, *, instead_of: str | None) -> None:
        await self._store.make_current(key, instead_of=instead_of)

    async def revoke_key(self, did: str, at: datetime, replacement: WrappedKey) -> bool:
        return await self._store.revoke_key(did, at, replacement)

    async def rewrap(self, keys: list[WrappedKey]) -> None:
        await self._store.rewrap(keys)


@each_suite
async def test_nothing_shows_a_key_when_it_is_printed_or_logged(tmp_path, suite, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    keys = await keys_in(tmp_path, suite)
    secret = secret_of(keys)
    async with a_store(tmp_path) as store:
        printed = "".join(f"{value}{value!r}" for value in (keys, keys.current, await store.keys(), store))
    printed += capsys.readouterr().out + caplog.text

    assert keys.current.did in printed
    for kept in (secret, KEY):
        assert kept.hex() not in printed
        assert repr(kept)[2:-1] not in printed
        assert str(int.from_bytes(kept, "big")) not in printed
        assert base64.b64encode(kept).decode() not in printed
