"""The services of docker-compose.yml as processes of this machine, for where there is no container engine.

`python -m tests.deploy.compose_local COMMAND...` starts them, and a PostgreSQL, with the settings that the file gives
them, each in a directory of its own and with its own secrets, runs the command with E2E_GATEWAY and E2E_HTTP in its
environment, and stops them.
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

from tests.postgres import Postgres, postgres, programs_here
from tests.processes import Program

ROOT = Path(__file__).resolve().parents[2]


def main(command: list[str]) -> int:
    described = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    database = described["services"].pop("postgres")
    running: dict[str, Program] = {}
    with TemporaryDirectory(prefix="counterfoil-") as directory, postgres() as server:
        try:
            make_databases(server, database, given_secrets(database, described, Path(directory) / "postgres"))
            for name in in_order(described["services"]):
                running[name] = start(name, described, running, server, Path(directory) / name)
            gateway = running["gateway"]
            given = {"E2E_GATEWAY": gateway.address, "E2E_HTTP": gateway.url}
            return subprocess.run(command, env=os.environ | given, cwd=ROOT, check=False).returncode
        finally:
            for program in running.values():
                program.kill()


def make_databases(server: Postgres, database: dict[str, Any], secrets: Path) -> None:
    """What the image does at its first start; from then on each role has to give its password."""
    for volume in database["volumes"]:
        script, _, inside = volume.partition(":")
        if inside.startswith("/docker-entrypoint-initdb.d/"):
            path = f"{programs_here()}:{os.environ['PATH']}"
            given = {"PATH": path, "PGHOST": str(server.directory), "SECRETS_DIR": str(secrets)}
            subprocess.run([ROOT / script], env=os.environ | given, check=True)
    server.ask_for_passwords()


def in_order(services: dict[str, Any]) -> list[str]:
    """Each after those that it waits for."""
    return sorted(services, key=lambda name: len(services[name].get("depends_on", ())))


def start(name: str, described: dict[str, Any], running: dict[str, Program], server: Postgres, own: Path) -> Program:
    service = described["services"][name]
    secrets = given_secrets(service, described, own)
    for url in secrets.glob("*_database_url"):
        here = url.read_text().partition("?")[0].replace("@postgres/", "@/")
        url.write_text(f"{here}?host={server.directory}")
    settings = {
        key.removeprefix("COUNTERFOIL_").lower(): value for key, value in service.get("environment", {}).items()
    }
    for key, value in settings.items():
        if key.endswith("_address"):
            settings[key] = running[value.partition(":")[0]].address
        elif value == "/run/secrets":
            settings[key] = str(secrets)
        elif value.startswith("/run/certs/"):
            settings[key] = value.replace("/run/certs", str(mounted(service, "/run/certs")))
    module = name if name == "gateway" else f"services.{name}"
    return Program.start(module, own, log_format="json", **settings)


def mounted(service: dict[str, Any], inside: str) -> Path:
    """The directory of this machine that the service's container has there."""
    [outside] = [path for path, found, *_ in (str(each).split(":") for each in service["volumes"]) if found == inside]
    return ROOT / outside


def given_secrets(service: dict[str, Any], described: dict[str, Any], own: Path) -> Path:
    """A directory with the service's secrets, under the names that they have in its container."""
    secrets = own / "secrets"
    secrets.mkdir(parents=True)
    for each in service.get("secrets", ()):
        source, target = (each, each) if isinstance(each, str) else (each["source"], each["target"])
        shutil.copyfile(ROOT / described["secrets"][source]["file"], secrets / target)
    return secrets


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
