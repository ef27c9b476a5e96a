"""The wheel as a stranger gets it: built from the source distribution, installed where this repository is unknown."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

import pytest
from hatchling.builders.sdist import SdistBuilder

from tests.processes import Program

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and, from this one's packages, what it depends on."""

    home: Path
    # What `pip install` has put there, by its path in site-packages.
    files: tuple[str, ...]

    @property
    def python(self) -> str:
        return str(self.home / "bin" / "python")

    def run(self, *command: str, directory: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.home / "bin" / command[0]), *command[1:]],
            cwd=directory,
            env={"PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    [archive] = SdistBuilder(str(ROOT)).build(directory=str(folder))
    with tarfile.open(archive) as sources:
        sources.extractall(folder, filter="data")
    source = archive.removesuffix(".tar.gz")
    _python("-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=source)
    [wheel] = folder.glob("*.whl")
    home = folder / "venv"
    _python("-m", "venv", "--without-pip", str(home))
    _python("-m", "pip", "--python", str(home), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    [site] = home.glob("lib/python*/site-packages")
    files = tuple(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
    # A path in such a file is no place whose own such files are read: the editable install stays out of sight.
    (site / "dependencies.pth").write_text(get_path("purelib"))
    return Installed(home, files)


@pytest.fixture(scope="session")
def product(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The whole product, started from the wheel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONSAFEPATH", "1")
        program = Program.start(
            "counterfoil.gateway", tmp_path_factory.mktemp("product"), installed.python, log_level="error"
        )
    with program:
        yield program
        program.stop()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with Program.start("gateway", tmp_path_factory.mktemp("gateway"), log_level="error") as program:
        yield program


def _python(*arguments: str, cwd: str | None = None) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
