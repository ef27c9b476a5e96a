"""The containers that the compose file brought up, for tests that do them harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

RESTARTING_SECONDS_MAX = 120.0


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class Compose:
    command: list[str]
    _containers: dict[str, str] = field(default_factory=dict)

    def execute(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in a service's container."""
        arguments = ["docker", "exec", self._container(name), *command]
        return subprocess.run(arguments, check=False, capture_output=True, text=True)

    def python(self, name: str, code: str) -> str:
        """What a line of Python prints in a service's container, or the error it ends with."""
        done = self.execute(name, "python", "-c", code)
        return (done.stdout or done.stderr.strip().rpartition("\n")[2]).strip()

    def inspect(self, name: str) -> dict[str, Any]:
        [found] = json.loads(_output(["docker", "inspect", self._container(name)]))
        assert isinstance(found, dict)
        return found

    def part(self, name: str) -> None:
        """Cuts a service off from the others."""
        _output(["docker", "network", "disconnect", self._inside(), self._container(name)])

    def rejoin(self, name: str) -> None:
        _output(["docker", "network", "connect", "--alias", name, self._inside(), self._container(name)])

    def kill(self, name: str) -> None:
        """As a crash does, not as an operator who wants it gone."""
        os.kill(self.inspect(name)["State"]["Pid"], signal.SIGKILL)

    def wait_until_restarted(self, name: str) -> None:
        ends_at = time.monotonic() + RESTARTING_SECONDS_MAX
        while not self._has_restarted(name):
            assert time.monotonic() < ends_at, f"{name} did not come back"
            time.sleep(0.2)

    def _has_restarted(self, name: str) -> bool:
        found = self.inspect(name)
        return bool(found["RestartCount"] > 0 and found["State"]["Health"]["Status"] == "healthy")

    def _container(self, name: str) -> str:
        if name not in self._containers:
            self._containers[name] = _output([*self.command, "ps", "-q", name])
        return self._containers[name]

    def _inside(self) -> str:
        return f"{os.environ['COMPOSE_PROJECT_NAME']}_inside"
