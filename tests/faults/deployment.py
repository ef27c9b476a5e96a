"""Four processes, one for each service, wired by addresses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.processes import Program, Start, a_lasting_address

SERVICES = ("codec", "credentials", "sessions")


@dataclass
class Deployment:
    """The services by name, the gateway among them. Each has a directory of its own."""

    launch: Start
    directory: Path
    # What a call may take.
    seconds_max: float
    programs: dict[str, Program] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, launch: Start, directory: Path, seconds_max: float = 30.0) -> Deployment:
        deployment = cls(launch, directory, seconds_max)
        programs = [deployment._launch(name) for name in SERVICES]
        addresses = {f"{each.name}_address": each.wait_until_listening().address for each in programs}
        deployment._launch("gateway", **addresses).wait_until_listening()
        return deployment

    @property
    def address(self) -> str:
        return self.programs["gateway"].address

    def restart(self, name: str) -> None:
        """Where it listened before, so that the others find it."""
        self._launch(name).wait_until_listening()

    def log_lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.programs[name].log.splitlines()]

    def _launch(self, name: str, **settings: str) -> Program:
        module = name if name == "gateway" else f"services.{name}"
        settings |= {"log_format": "json", "log_level": "debug", "deadline_seconds_max": str(self.seconds_max)}
        settings |= {f"{name}_listen": self._addresses.setdefault(name, a_lasting_address())}
        self.programs[name] = self.launch(module, self.directory / name, **settings)
        return self.programs[name]
