"""One deployment under load, one fault after the other, and the checks after each."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.chaos.books import Page
from tests.chaos.checks import Checks
from tests.chaos.clients import Client, connect
from tests.chaos.deployment import OPERATOR_TOKEN, Deployment
from tests.chaos.faults import Fault
from tests.chaos.gate import Gate
from tests.chaos.ledger import Ledger
from tests.chaos.waiting import until
from tests.chaos.watcher import Watcher

CLIENTS = 6
WATCHERS = 3
# After this there is no point in going on.
LOST_SECONDS = 60.0
STARTING_SECONDS = 60.0
CALM_SECONDS = (0.2, 0.8)


class NotBack(Exception):
    """It does not work any more, so nothing else can be looked at."""


@dataclass(frozen=True)
class Outcome:
    """What one fault did."""

    name: str
    at_seconds: float
    codes: Counter[str]
    back_seconds: float
    findings: list[str]


class Run:
    def __init__(self, deployment: Deployment, chance: random.Random, back_seconds_max: float) -> None:
        self.ledger = Ledger()
        self._deployment = deployment
        self._chance = chance
        self._back_seconds_max = back_seconds_max
        self._gate = Gate()
        self._began_at = time.monotonic()
        self._clients: list[Client] = []
        self._watchers: list[Watcher] = []

    async def faults(
        self, ends_at: float, deal: Callable[[], list[Fault]], report: Callable[[Outcome], object] = lambda _: None
    ) -> None:
        """One after the other, until that moment; one at least. `deal` gives some, and when they are used up more."""
        async with self._load() as checks:
            await self._until_back(time.monotonic(), STARTING_SECONDS)
            waiting: list[Fault] = []
            with suppress(NotBack):
                while waiting := waiting or deal():
                    await self._suffer(waiting.pop(), checks, report)
                    if time.monotonic() > ends_at:
                        return

    async def _suffer(self, fault: Fault, checks: Checks, report: Callable[[Outcome], object]) -> None:
        await asyncio.sleep(self._chance.uniform(*CALM_SECONDS))
        at, codes, found = time.monotonic() - self._began_at, self.ledger.codes.copy(), len(self.ledger.findings)
        back = LOST_SECONDS
        try:
            back = await self._until_back(await fault.inflict(), LOST_SECONDS)
            if back > self._back_seconds_max:
                load = f"the machine had a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
                self.ledger.find(f"{fault.name}: back after {back:.1f} s, due are {self._back_seconds_max:.0f}; {load}")
            await self._check(checks)
        except NotBack as reason:
            self.ledger.find(f"{fault.name}: {reason}")
            raise
        finally:
            report(Outcome(fault.name, at, self.ledger.codes - codes, back, self.ledger.findings[found:]))

    async def _until_back(self, over_at: float, seconds_max: float) -> float:
        """How long it took until every client was answered a call that it had made since."""

        def are_answered() -> bool:
            return all(each.answered_at > over_at for each in self._clients)

        try:
            await until(are_answered, seconds_max)
        except TimeoutError:
            raise NotBack("there are clients that get no answer any more") from None
        return time.monotonic() - over_at

    async def _check(self, checks: Checks) -> None:
        try:
            async with self._gate.closed(LOST_SECONDS):
                page = await checks.run()
                await asyncio.gather(*(self._is_told(each, page) for each in self._watchers))
        except TimeoutError:
            raise NotBack("a client waits for an answer for ever") from None

    async def _is_told(self, watcher: Watcher, page: Page) -> None:
        """Of everything that was recorded of the session it watches, unless it turns to another one."""
        watched = watcher.watched
        recorded = len(page.sessions.get(watched.session_id, ()))
        try:
            await until(
                lambda: len(watched.message_ids) >= recorded or watcher.watched is not watched, self._back_seconds_max
            )
        except TimeoutError:
            told = len(watched.message_ids)
            self.ledger.find(f"session {watched.session_id}: of {recorded} changes a watcher is told of {told}")

    @asynccontextmanager
    async def _load(self) -> AsyncIterator[Checks]:
        address = self._deployment.address
        channels = [connect(address) for _ in range(CLIENTS + WATCHERS)] + [connect(self._deployment.inner_address)]
        *others, inner = channels
        for channel in others[:CLIENTS]:
            chance = random.Random(self._chance.random())
            self._clients.append(Client(channel, self.ledger, self._gate, chance))
        for channel in others[CLIENTS:]:
            self._watchers.append(Watcher(channel, self.ledger, random.Random(self._chance.random())))
        checks = Checks(PaymentsServiceStub(inner), OPERATOR_TOKEN, self.ledger, self._deployment.books, self._chance)
        try:
            async with asyncio.TaskGroup() as tasks:
                working = [tasks.create_task(each.run()) for each in self._clients]
                working += [tasks.create_task(each.run()) for each in self._watchers]
                yield checks
                for each in working:
                    each.cancel()
        finally:
            for channel in channels:
                await channel.close()
