"""The command as a person runs it, against a server that runs as a process of its own."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from client.cli import counterfoil
from client.wallet import sealing
from tests.processes import Program

if TYPE_CHECKING:
    from tests.client.wallets import Person


@dataclass
class Command:
    """`counterfoil` with a server to talk to. Every way to call it checks the exit code."""

    server: str
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, exit_code: int = 0, input: str | bytes | None = None) -> Result:
        environment = {"COUNTERFOIL_SERVER": self.server, "COLUMNS": "80", **self.environment}
        result = CliRunner().invoke(counterfoil, list(arguments), input=input, env=environment)
        assert result.exit_code == exit_code, result.output
        return result

    def json(self, *arguments: str) -> dict[str, Any]:
        document = json.loads(self.run("--json", *arguments).stdout)
        assert isinstance(document, dict)
        return document

    def text(self, *arguments: str) -> str:
        """What `| pbcopy` would get: the message and nothing else."""
        line, end, more = self.run(*arguments).stdout.partition("\n")
        assert end
        assert not more
        return line

    def requested(self) -> dict[str, Any]:
        """A request for 120 EUR from Ana, who keeps the token in the environment."""
        made = self.json("request", "120", "EUR", "--payee", "Ana", "--method", "SEPA:iban=DE02120300000000202051")
        self.environment["COUNTERFOIL_PAYEE_TOKEN"] = made["payee_token"]
        return made


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program.start("gateway", tmp_path_factory.mktemp("gateway"), log_level="error")
    yield program
    program.kill()


@pytest.fixture
def command(gateway: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """In a directory of its own, so that nothing is found in the working directory."""
    monkeypatch.chdir(tmp_path)
    return Command(gateway.address)


def rewritten(text: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The message with its fields changed: whole, but not what was signed."""
    fields = json.loads(zlib.decompress(base64.b64decode(text)))
    change(fields)
    return base64.b64encode(zlib.compress(json.dumps(fields, separators=(",", ":")).encode(), 9)).decode()


@pytest.fixture
def ana(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A person with a wallet and no server, in a directory of their own."""
    from tests.client.wallets import Person

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sealing, "LOG2_N", 15)
    return Person("ana.wallet")


@pytest.fixture
def ben(ana: Person) -> Person:
    from tests.client.wallets import Person

    return Person("ben.wallet")
