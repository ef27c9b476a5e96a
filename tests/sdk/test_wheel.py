"""What `pip install` puts into somebody's environment, and that all of it works there."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import httpx
import pytest

from client.sdk.gateway import Gateway
from counterfoil.messages.v1.message_pb2 import Money, QrFormat
from tests.processes import Program
from tests.sdk.conftest import ROOT, Installed

IMPORT_ALL = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(name)
print({"client", "gateway", "services"} & sys.modules.keys())
"""
# What is started, and not imported.
PROGRAMS = ("__main__", "env")


def test_the_wheel_installs_one_name(installed: Installed):
    assert {path.partition("/")[0] for path in installed.files} == {"counterfoil", "counterfoil-0.1.0.dist-info"}


def test_the_wheel_holds_every_file_of_the_repository(installed: Installed):
    listed = subprocess.check_output(["git", "ls-files", "client", "gateway", "services"], cwd=ROOT, text=True)
    # A link to a folder stands for the files in it.
    found = [
        each
        for path in map(ROOT.joinpath, listed.splitlines())
        for each in (path.iterdir() if path.is_dir() else [path])
    ]

    assert {f"counterfoil/{path.relative_to(ROOT)}" for path in found} <= set(installed.files)


def test_every_module_is_imported_under_that_name_alone(installed: Installed, tmp_path: Path):
    paths = [Path(path).with_suffix("") for path in installed.files if path.endswith(".py")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths if path.name not in PROGRAMS]

    done = installed.run("python", "-c", IMPORT_ALL, *names, directory=tmp_path)

    assert len(names) > 150
    assert (done.stdout, done.returncode) == ("set()\n", 0), done.stderr


def test_the_command_is_installed(installed: Installed, tmp_path: Path):
    version = installed.run("counterfoil", "--version", directory=tmp_path)
    module = installed.run("python", "-m", "counterfoil", "--version", directory=tmp_path)

    assert version.stdout == module.stdout == "counterfoil 0.1.0\n"


def test_the_server_of_the_wheel_plays_from_request_to_receipt(installed: Installed, product: Program, tmp_path: Path):
    with Gateway(product.address) as gateway:
        asked = gateway.request_payment(eur("120"), payee="Ana")
        claimed = gateway.claim_payment(asked.session.id, eur("70"), qr_format=QrFormat.QR_FORMAT_PNG)
        receipt = gateway.acknowledge_payment(claimed.qr_image, payee_token=asked.payee_token)
    (tmp_path / "receipt.txt").write_text(receipt.text)

    verified = installed.run("counterfoil", "credential", "verify", "receipt.txt", directory=tmp_path)

    assert receipt.session.paid_amount == eur("70.00")
    assert "the payee received 70.00 EUR" in verified.stdout
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("path", ["/", "/static/any/reader/index.js", "/docs", "/openapi.json", "/contexts/v1"])
def test_the_server_of_the_wheel_finds_its_files(product: Program, path: str):
    assert httpx.get(product.url + path, follow_redirects=True).status_code == 200


def test_the_examples_of_the_page_run_as_they_stand(installed: Installed, product: Program, tmp_path: Path):
    keep_a_receipt(product.address, tmp_path)
    examples = re.findall(
        r"^```python\n(.*?)^```\n\n```\n(.*?)^```", (ROOT / "docs/sdk.md").read_text(), re.MULTILINE | re.DOTALL
    )

    assert len(examples) >= 5
    for source, shown in examples:
        program = source.replace("localhost:50050", product.address)
        done = installed.run("python", "-c", program, directory=tmp_path)
        assert (done.stdout, done.stderr) == (shown, "")


def test_the_library_needs_no_package_but_those_of_its_extra():
    allowed = required("counterfoil", {"", "sdk"})
    modules = metadata.packages_distributions()
    missing = [name for name, owners in modules.items() if not allowed.intersection(map(canonical, owners))]
    program = "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:])); import counterfoil.sdk"

    done = subprocess.run([sys.executable, "-c", program, *missing], capture_output=True, text=True, check=False)

    assert {"click", "sqlmodel", "fastapi"} <= set(missing)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", ['"services.codec.wiring"', '"gateway.__main__"', 'f"services.{name}"'])
def test_a_module_that_is_named_in_a_text_stops_the_build(text: str):
    with pytest.raises(SystemExit, match=r"client/a\.py:1: names a module in a text"):
        moved(f"import_module({text})\n", Path("client/a.py"))


def test_imports_are_rewritten_and_nothing_else():
    source = '"""from services import x"""\nimport services\nfrom client.sdk import a\nimport gateway.b as c\n'

    assert moved(source, Path("a.py")) == (
        '"""from services import x"""\n'
        "from counterfoil import services\n"
        "from counterfoil.client.sdk import a\n"
        "from counterfoil.gateway import b as c\n"
    )


def moved(source: str, path: Path) -> str:
    import runpy

    return str(runpy.run_path(str(ROOT / "deploy/wheel.py"))["moved"](source, path))


def keep_a_receipt(server: str, folder: Path) -> None:
    with Gateway(server) as gateway:
        asked = gateway.request_payment(eur("120"), payee="Ana")
        claimed = gateway.claim_payment(asked.session.id, eur("70"))
        receipt = gateway.acknowledge_payment(
            claimed.text, payee_token=asked.payee_token, qr_format=QrFormat.QR_FORMAT_PNG
        )
    (folder / "receipt.txt").write_text(receipt.text)
    (folder / "receipt.png").write_bytes(receipt.qr_image)


def required(name: str, extras: set[str]) -> set[str]:
    """A distribution and all that it needs, by their canonical names."""
    found = {canonical(name)}
    for line in metadata.requires(name) or []:
        requirement, _, marker = line.partition(";")
        extra = re.search(r"extra == ['\"]([\w-]+)", marker)
        needed = re.match(r"[\w.-]+", requirement)
        assert needed
        if (extra[1] if extra else "") in extras and _is_here(needed[0]):
            found |= required(needed[0], {""})
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_here(name: str) -> bool:
    try:
        return bool(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        return False


def eur(amount: str) -> Money:
    return Money(amount=amount, currency="EUR")
