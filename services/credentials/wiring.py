"""Puts the service together, once."""

from __future__ import annotations

from datetime import UTC, datetime

from counterfoil.credentials.v1.credentials_service_pb2_grpc import add_CredentialsServiceServicer_to_server
from services.credentials.keys import open_keys
from services.credentials.servicer import CredentialsServicer
from services.credentials.store import REVISIONS, SqlStore
from services.credentials.usecases import Credentials
from services.runtime.database import Database
from services.runtime.secrets import key_of
from services.runtime.service import Service
from services.runtime.settings import Settings

KEY_FILE = "key-encryption-key"


async def build(settings: Settings, channels: object) -> Service:
    """Opens the database and the keys in it. Calls no other service. Raises BadSetting for a wrong wrapping key."""
    database = Database(settings.data_dir / "credentials.db", REVISIONS)
    await database.open()
    try:
        store = SqlStore(database)
        key = key_of(settings.key_encryption_key, settings.data_dir / KEY_FILE)
        keys = await open_keys(store, key, settings.issuer_suite)
    except BaseException:
        await database.close()
        raise
    credentials = Credentials(store, keys, settings.trusted_issuers, lambda: datetime.now(UTC))
    servicer = CredentialsServicer(credentials)
    return Service(
        name="counterfoil.credentials.v1.CredentialsService",
        register=lambda server: add_CredentialsServiceServicer_to_server(servicer, server),
        close=database.close,
    )
