"""The commands of the README and the documentation run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.settings import Settings
from tests.processes import Program

ROOT = Path(__file__).parent.parent
# What the commands of docs/http.md print, among other things.
HTTP_SHOWS = [
    '"paid_amount":"0.00"',
    '"updated_status":"partially_received"',
    '"reason": "CLAIM_ALREADY_ACKNOWLEDGED"',
    '"valid":true',
    '"updated_status":"cancelled"',
    "\n304\n",
    "\nid: 4\n",
    '{"session": {"id": "',
    '"verified": true',
]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A running gateway, its URL over HTTP, and a directory that looks like the one it was started in."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    program = Program.start("gateway", folder)
    yield program.address, program.url, folder
    program.stop()


def commands(document: str) -> str:
    text = (ROOT / document).read_text()
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def run(script: str, address: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        "COUNTERFOIL_SERVER": address,
    }
    script = "set -euo pipefail\n" + script.replace("localhost:50050", address).replace("http://localhost:8080", url)
    # A busy machine may need longer until the first change is there.
    script = script.replace("--max-time 2", "--max-time 6")
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


def test_the_walk_through_runs_as_it_stands(product: tuple[str, str, Path]) -> None:
    done = run(commands("docs/api.md"), *product)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "CLAIM_ALREADY_ACKNOWLEDGED" in done.stderr
    assert done.stdout.count("CHECK_OUTCOME_PASS") == 11
    assert "SESSION_STATUS_CANCELLED" in done.stdout


def test_the_walk_through_over_http_runs_as_it_stands(product: tuple[str, str, Path]) -> None:
    done = run(commands("docs/http.md"), *product)

    assert done.returncode == 0, done.stdout + done.stderr
    for line in HTTP_SHOWS:
        assert line in done.stdout, done.stdout


def test_the_page_on_wallets_runs_as_it_stands_without_a_server(tmp_path: Path) -> None:
    done = run(commands("docs/wallet.md"), "localhost:1", "http://localhost:1", tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "partially" in done.stdout
    assert "acknowledged: 70.00 EUR received" in done.stdout
    assert "Verified, but not accepted (trust" in done.stdout
    assert done.stdout.count("new: ") == 4
    assert (tmp_path / "contradictions.json").read_text() == "[]\n"
    assert (tmp_path / "dossier.txt").read_text().startswith("CF1")


def test_the_protos_are_exported_and_built_as_the_page_says(product: tuple[str, str, Path]) -> None:
    (product[-1] / "counterfoil").symlink_to(ROOT)

    done = run(commands("docs/clients/README.md"), *product)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (product[-1] / "vendor/counterfoil/payments/v1/payments_service.proto").is_file()
    assert (product[-1] / "counterfoil.binpb").stat().st_size > 10_000


def test_the_readme_runs_as_it_stands(product: tuple[str, str, Path]) -> None:
    script = commands("README.md").split("make run\n")[1]
    done = run(script, *product)

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"payee_token"' in done.stdout


def test_the_readme_shows_what_the_demo_prints(product: tuple[str, str, Path]) -> None:
    blocks = re.split(r"^```\w*\n", (ROOT / "README.md").read_text(), flags=re.MULTILINE)[1::2]
    shown = next(block for block in blocks if "── 3." in block)
    printed = _without_ids(run("counterfoil demo", *product).stdout)

    missing = [line for line in _without_ids(shown) if line not in printed]
    assert missing == []


def _without_ids(text: str) -> list[str]:
    """The lines, without what differs from one play to the next."""
    lines = [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", line) for line in text.splitlines()]
    return [line for line in lines if not line.startswith("  CF1") and line.strip() != "..."]


def test_every_setting_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "docs/running.md").read_text(), re.MULTILINE)

    assert {name.lower() for row in rows for name in re.findall("[A-Z_]+", row)} == set(Settings.model_fields)


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
