"""The journey of the README and of the documentation, over the deployed services."""

from __future__ import annotations

from pathlib import Path

from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.faults.test_split import play_the_whole_journey
from tests.test_docs import HTTP_SHOWS, ROOT, commands, run

OPERATOR_TOKEN = ROOT / "var/secrets/counterfoil_operator_token"


def test_the_whole_journey_with_pictures_over_grpc(client: PaymentsServiceStub) -> None:
    play_the_whole_journey(client)


def test_the_readme_runs_against_it(gateway: str, url: str, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    done = run(commands("README.md").split("make run\n")[1], gateway, url, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"payee_token"' in done.stdout


def test_the_walk_through_over_http_runs_against_it(gateway: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/operator-token").write_text(OPERATOR_TOKEN.read_text())
    done = run(commands("docs/http.md"), gateway, url, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    for line in HTTP_SHOWS:
        assert line in done.stdout, done.stdout
