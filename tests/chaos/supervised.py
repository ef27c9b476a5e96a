"""Programs that are started again whenever they end, as an orchestrator does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.chaos.waiting import until
from tests.postgres import Cluster, stop
from tests.processes import Program, children_of

# How long an orchestrator lets a program that does not start be.
PAUSE_SECONDS = 0.2


class Supervised:
    """One process at a time. Subclasses say how to start and stop it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started_at = 0.0
        self.starts = 0
        self._process: subprocess.Popen[str] | subprocess.Popen[bytes] | None = None
        self._away_until = 0.0

    def begin(self) -> None:
        self._task = asyncio.create_task(self._supervise())

    async def end(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await asyncio.to_thread(self._stop)

    def kill(self, away_seconds: float) -> None:
        """Leaves it no time for anything. It is started again after those seconds."""
        self._away_until = time.monotonic() + away_seconds
        self._signal_all(signal.SIGKILL)

    def pause(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal_all(signal.SIGCONT)

    async def _supervise(self) -> None:
        while True:
            self._process = self._launch()
            self.starts += 1
            self.started_at = time.monotonic()
            await until(self._has_ended)
            self._tidy()
            await asyncio.sleep(max(PAUSE_SECONDS, self._away_until - time.monotonic()))

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _signal_all(self, number: signal.Signals) -> None:
        """To the process and what it has started."""
        if self._process is None or self._has_ended():
            return
        pids = [self._process.pid, *children_of(self._process.pid)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _launch(self) -> subprocess.Popen[str] | subprocess.Popen[bytes]:
        raise NotImplementedError

    def _tidy(self) -> None:
        """After the process has ended."""

    def _stop(self) -> None:
        raise NotImplementedError


class SupervisedProgram(Supervised):
    """One of ours, where it listened before."""

    def __init__(self, module: str, launch: Callable[[], Program]) -> None:
        super().__init__(module.rpartition(".")[2])
        self._start = launch

    @property
    def log_file(self) -> Path:
        return self._program.log_file

    def _launch(self) -> subprocess.Popen[str]:
        self._program = self._start()
        return self._program.process

    def _tidy(self) -> None:
        self._program.kill()

    def _stop(self) -> None:
        self._program.signal(signal.SIGCONT)
        self._program.signal(signal.SIGTERM)
        self._program.wait()


class SupervisedPostgres(Supervised):
    def __init__(self, cluster: Cluster, environment: dict[str, str]) -> None:
        super().__init__("postgresql")
        self._cluster = cluster
        self._environment = environment

    def _launch(self) -> subprocess.Popen[bytes]:
        self._server = self._cluster.start(self._environment)
        return self._server

    def _stop(self) -> None:
        stop(self._server)
