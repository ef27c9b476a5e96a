"""The services of docker-compose.yml as processes of this machine, for where there is no container engine.

`python -m tests.deploy.compose_local COMMAND...` starts them with the settings that the file gives them, each in a
directory of its own and with its own secrets, runs the command with E2E_GATEWAY and E2E_HTTP in its environment, and
stops them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.processes import Program

ROOT = Path(__file__).resolve().parents[2]


def main(command: list[str]) -> int:
    described = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    running: dict[str, Program] = {}
    with TemporaryDirectory(prefix="counterfoil-") as directory:
        try:
            for name in in_order(described["services"]):
                running[name] = start(name, described, running, Path(directory))
            gateway = running["gateway"]
            given = {"E2E_GATEWAY": gateway.address, "E2E_HTTP": gateway.url}
            return subprocess.run(command, env=os.environ | given, cwd=ROOT, check=False).returncode
        finally:
            for program in running.values():
                program.kill()


def in_order(services: dict[str, Any]) -> list[str]:
    """Each after those that it waits for."""
    return sorted(services, key=lambda name: len(services[name].get("depends_on", ())))


def start(name: str, described: dict[str, Any], running: dict[str, Program], directory: Path) -> Program:
    service = described["services"][name]
    secrets = directory / name / "secrets"
    secrets.mkdir(parents=True)
    for secret in service.get("secrets", ()):
        shutil.copy(ROOT / described["secrets"][secret]["file"], secrets)
    settings = {
        key.removeprefix("COUNTERFOIL_").lower(): value for key, value in service.get("environment", {}).items()
    }
    for key, value in settings.items():
        if key.endswith("_address"):
            settings[key] = running[value.partition(":")[0]].address
        elif value == "/run/secrets":
            settings[key] = str(secrets)
    module = name if name == "gateway" else f"services.{name}"
    return Program.start(module, directory / name, log_format="json", **settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
