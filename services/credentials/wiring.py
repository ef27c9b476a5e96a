"""Puts the service together, once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from counterfoil.credentials.v1.credentials_service_pb2_grpc import add_CredentialsServiceServicer_to_server
from services.credentials.conversations import Conversations
from services.credentials.dids import Dids, read_pins
from services.credentials.key_ring import KeyRing
from services.credentials.others_status_lists import OthersStatusLists
from services.credentials.own_status_lists import OwnStatusLists
from services.credentials.servicer import CredentialsServicer
from services.credentials.status_store import SqlStatusStore
from services.credentials.store import SqlStore
from services.credentials.usecases import Credentials
from services.credentials.vault import WrappingVault
from services.credentials.verifier import Verifier
from services.messages.document import Document
from services.runtime.database import Database, database_of
from services.runtime.guarded_fetch import GuardedFetch
from services.runtime.secrets import key_of
from services.runtime.service import Service
from services.runtime.settings import Settings

KEY_FILE = "key-encryption-key"


async def build(settings: Settings, channels: object) -> Service:
    """Opens the database and the keys in it. Calls no other service. Raises BadSetting for a wrong wrapping key."""
    pinned = read_pins(settings.pinned_dids)
    database = database_of(settings, "credentials")
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
    servicer = _servicer(settings, database, keys, pinned)
    return Service(
        register=lambda server: add_CredentialsServiceServicer_to_server(servicer, server),
        close=database.close,
    )


def _servicer(
    settings: Settings, database: Database, keys: KeyRing, pinned: Mapping[str, Document]
) -> CredentialsServicer:
    store = SqlStore(database)
    fetch = GuardedFetch(settings.fetch_allowed) if settings.fetch else None
    dids = Dids(pinned, fetch, _utc_now)
    conversations = Conversations(store)
    status_lists = OwnStatusLists(SqlStatusStore(database), settings.public_url, _utc_now)
    verifier = Verifier(
        keys,
        conversations,
        dids,
        status_lists,
        OthersStatusLists(fetch, dids, _utc_now),
        trusted=settings.trusted_issuers,
        accept_unknown=settings.accept_unknown,
        now=_utc_now,
    )
    credentials = Credentials(store, keys, conversations, status_lists, _utc_now)
    return CredentialsServicer(credentials, verifier, keys, status_lists)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _vault(settings: Settings) -> WrappingVault:
    current = key_of(settings.key_encryption_key, settings.data_dir / KEY_FILE)
    previous = settings.previous_key_encryption_key
    return WrappingVault(current, base64.b64decode(previous.get_secret_value()) if previous else None)
