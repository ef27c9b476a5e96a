"""No line, answer or dump shows a private key."""

from __future__ import annotations

import copy
import pickle
import secrets
import sqlite3
from datetime import UTC, datetime

import pytest

from counterfoil.credentials.v1 import credential_pb2 as pb
from services.credentials import suites
from services.credentials.vault import WillNotOpen, WrappingVault
from tests.credentials.key_calls import keys, revoke, rotate
from tests.credentials.parties import SERVICE
from tests.credentials.test_service import running
from tests.logs import captured


async def test_every_change_of_a_key_is_one_line_with_its_name_and_no_secret(settings):
    with captured() as lines:
        async with running(settings) as client:
            first = (await keys(client))[0]
            second = await rotate(client)
            await revoke(client, second.verification_method)
            third = (await keys(client))[0]

    told = [(line["event"], line["key"]) for line in lines if "key" in line]
    assert told == [
        ("issuer key in use", first.issuer),
        ("issuer key in use", second.issuer),
        ("issuer key revoked", second.issuer),
        ("issuer key in use", third.issuer),
    ]
    assert all(set(line) <= {"event", "level", "key", "kind", "instead_of", "request_id"} for line in lines)


def test_a_private_key_cannot_be_written_down():
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            write(SERVICE)
    assert "private" not in repr(SERVICE)


def test_no_answer_has_a_field_for_a_private_key():
    """Whatever the service answers about its keys is of public kind."""
    assert {field.name for field in pb.IssuerKey.DESCRIPTOR.fields} == {
        *("issuer", "verification_method", "cryptosuite", "state", "create_time", "retire_time", "revoke_time")
    }


async def test_a_revoked_keys_secret_is_erased(settings):
    async with running(settings) as client:
        (key,) = await keys(client)
        await revoke(client, key.verification_method)
    with sqlite3.connect(settings.data_dir / "credentials.db") as connection:
        row = connection.execute("SELECT wrapped, nonce FROM issuer_key WHERE did = ?", (key.issuer,)).fetchone()
    connection.close()

    assert row == (b"", b"")


def test_a_vault_opens_nothing_that_another_wrapped():
    ours, theirs = (WrappingVault(secrets.token_bytes(32)) for _ in range(2))

    with pytest.raises(WillNotOpen):
        ours.open(theirs.make(suites.EDDSA, datetime.now(UTC)))
