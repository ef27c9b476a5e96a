"""Sessions that ended long ago: archived with their evidence, then deleted.

Whoever is killed on the way leaves sessions that are archived and still there, to be archived once more. Credentials go
before the session that leads to them; where it stays after all, they are made again, the same.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from prometheus_client import Counter, Gauge

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from counterfoil.credentials.v1.credentials_service_pb2_grpc import CredentialsServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.sessions.v1 import sessions_service_pb2 as sessions_pb
from counterfoil.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from gateway.archive import Archive
from gateway.flows import Payments
from services.runtime.channels import Channels
from services.runtime.log import log
from services.runtime.settings import BadSetting, Settings

# Small, since every call waits for the transaction that deletes them.
BATCH = 50
EVERY_SECONDS = 24 * 3600
AGAIN_SECONDS = 600


_ARCHIVED = Counter("counterfoil_sessions_archived", "Sessions written to the archive.")
_FINISHED = Gauge("counterfoil_archived_timestamp_seconds", "When all sessions that were due had been archived.")


class Retention:
    def __init__(self, channels: Channels, payments: Payments, days: int, directory: Path) -> None:
        self._sessions = SessionsServiceStub(channels.to("sessions"))
        self._credentials = CredentialsServiceStub(channels.to("credentials"))
        self._payments = payments
        self._seconds = days * 24 * 3600
        self._directory = directory

    async def run_daily(self) -> None:
        _FINISHED.set_to_current_time()  # So that who never succeeds is noticed as well.
        while True:
            try:
                async for _ in self.run():
                    pass
                await asyncio.sleep(EVERY_SECONDS)
            except Exception as error:  # noqa: BLE001 - the next run may succeed
                code = error.code().name if isinstance(error, grpc.aio.AioRpcError) else type(error).__name__
                log.error("sessions not archived", error=code)
                await asyncio.sleep(AGAIN_SECONDS)

    async def run(self) -> AsyncIterator[int]:
        """Archives and deletes what is due, and tells after each batch how many sessions went."""
        page = sessions_pb.TakeEndedSessionsRequest(ended_for=Duration(seconds=self._seconds), page_size=BATCH)
        with closing(Archive(self._directory)) as archive:
            while True:
                began = time.monotonic()
                taken = await self._sessions.TakeEndedSessions(page)
                if taken.session_ids:
                    yield await self._let_go(taken.session_ids, archive)
                if not taken.next_page_token:
                    break
                page.page_token = taken.next_page_token
                # Half of the time belongs to those who call.
                await asyncio.sleep(time.monotonic() - began)
        _FINISHED.set_to_current_time()

    async def _let_go(self, session_ids: Sequence[str], archive: Archive) -> int:
        found = [each for session_id in session_ids if (each := await self._whole(session_id))]
        if not found:
            return 0
        await asyncio.to_thread(archive.add, map(_line, found))
        _ARCHIVED.inc(len(found))
        ids = [each.session.id for each in found]
        await self._delete_credentials(ids)
        ended = [sessions_pb.EndedSession(session_id=each.session.id, sequence=each.session.sequence) for each in found]
        deleted = await self._sessions.DeleteSessions(sessions_pb.DeleteSessionsRequest(sessions=ended))
        # Whoever has read a session in between has had its credentials made again.
        await self._delete_credentials(deleted.session_ids)
        return len(deleted.session_ids)

    async def _delete_credentials(self, session_ids: Sequence[str]) -> None:
        await self._credentials.DeleteCredentials(credentials_pb.DeleteCredentialsRequest(session_ids=session_ids))

    async def _whole(self, session_id: str) -> pb.GetSessionResponse | None:
        """With all its credentials. One that cannot be read keeps no other from being archived."""
        try:
            return await self._payments.get_session(pb.GetSessionRequest(session_id=session_id))
        except grpc.aio.AioRpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                raise
            log.warning("session not archived", session_id=session_id, error=error.code().name)
            return None


def retention_of(settings: Settings, channels: Channels, payments: Payments) -> Retention | None:
    """None: sessions are kept for ever. Raises BadSetting."""
    days, directory = settings.retention_days, settings.archive_dir
    if days is None and directory is None:
        return None
    if days is None or directory is None:
        missing = "RETENTION_DAYS" if days is None else "ARCHIVE_DIR"
        raise BadSetting(f"COUNTERFOIL_{missing}: missing; nothing is deleted without an archive, so give both or none")
    return Retention(channels, payments, days, directory)


def _line(found: pb.GetSessionResponse) -> str:
    """As `counterfoil session --json` shows it."""
    return json.dumps(MessageToDict(found, preserving_proto_field_name=True), separators=(",", ":"))
