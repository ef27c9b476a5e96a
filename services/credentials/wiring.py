"""Puts the service together, once."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from counterfoil.credentials.v1.credentials_service_pb2_grpc import add_CredentialsServiceServicer_to_server
from services.credentials.dids import Dids, read_pins
from services.credentials.key_ring import KeyRing
from services.credentials.servicer import CredentialsServicer
from services.credentials.store import REVISIONS, SqlStore
from services.credentials.usecases import Credentials
from services.credentials.vault import WrappingVault
from services.runtime.database import Database
from services.runtime.guarded_fetch import GuardedFetch
from services.runtime.secrets import key_of
from services.runtime.service import Service
from services.runtime.settings import Settings

KEY_FILE = "key-encryption-key"


async def build(settings: Settings, channels: object) -> Service:
    """Opens the database and the keys in it. Calls no other service. Raises BadSetting for a wrong wrapping key."""
    pinned = read_pins(settings.pinned_dids)
    database = Database(settings.data_dir / "credentials.db", REVISIONS)
    await database.open()
    try:
        store = SqlStore(database)
        keys = KeyRing(
            store, _vault(settings), settings.issuer_suite, settings.did_web and f"did:web:{settings.did_web}"
        )
        await keys.open()
    except BaseException:
        await database.close()
        raise
    fetch = GuardedFetch(settings.fetch_allowed) if settings.fetch else None
    dids = Dids(pinned, fetch, _utc_now)
    credentials = Credentials(store, keys, dids, settings.trusted_issuers, _utc_now)
    servicer = CredentialsServicer(credentials, keys)
    return Service(
        name="counterfoil.credentials.v1.CredentialsService",
        register=lambda server: add_CredentialsServiceServicer_to_server(servicer, server),
        close=database.close,
    )


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _vault(settings: Settings) -> WrappingVault:
    current = key_of(settings.key_encryption_key, settings.data_dir / KEY_FILE)
    previous = settings.previous_key_encryption_key
    return WrappingVault(current, base64.b64decode(previous.get_secret_value()) if previous else None)
