"""Somebody who watches one session after the other, and resumes where a stream broke."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.chaos.clients import AGAIN_SECONDS, RETRIED
from tests.chaos.ledger import Ledger, Watched
from tests.faults.parties import why

WATCHING_SECONDS = (0.5, 2.0)
RECENT = 4


class Watcher:
    def __init__(self, channel: grpc.aio.Channel, ledger: Ledger, chance: random.Random) -> None:
        self._payments: Any = PaymentsServiceStub(channel)
        self._ledger = ledger
        self._chance = chance
        # What it watches now.
        self.watched = Watched("")

    async def run(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if self._ledger.conversations:
                self.watched = Watched(self._chance.choice(self._ledger.conversations[-RECENT:]).id)
                self._ledger.watched.append(self.watched)
                await self._watch_for(self._chance.uniform(*WATCHING_SECONDS))

    async def _watch_for(self, seconds: float) -> None:
        """Until a stream has held for so long."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._watch()
            except TimeoutError:
                return
            except grpc.aio.AioRpcError as error:
                code, reason = why(error)
                self._ledger.codes[f"watch {code}"] += 1
                if code not in RETRIED:
                    self._ledger.find(f"WatchSession {self.watched.session_id}: {code} {reason}: {error.details()}")
                    return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _watch(self) -> None:
        stream = self._payments.WatchSession(
            pb.WatchSessionRequest(session_id=self.watched.session_id, after_sequence=len(self.watched.message_ids))
        )
        try:
            async for change in stream:
                self._take(change)
        finally:
            stream.cancel()

    def _take(self, change: pb.WatchSessionResponse) -> None:
        if not change.HasField("message"):  # It expired: the time has passed, and nothing was said.
            return
        known = len(self.watched.message_ids)
        if change.sequence != known + 1:
            self._ledger.find(
                f"WatchSession {self.watched.session_id}: change {change.sequence} was told after change {known}"
            )
        self.watched.message_ids.append(change.message.id)
