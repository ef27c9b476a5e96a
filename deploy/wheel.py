"""The build hook of any `pip install`: generated code, and a wheel that installs the one name `counterfoil`.

In the repository `client`, `gateway` and `services` stand at the top, where each is found by its name. In somebody's
environment such names belong to nobody, so the wheel has them inside `counterfoil`, with their imports rewritten.
"""

from __future__ import annotations

import ast
import re
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
MOVED = ("client", "gateway", "services")
STAGE = ROOT / "build" / "wheel"

# A module's name in a text is out of the rewriter's sight.
_NAME_IN_TEXT = re.compile(rf"({'|'.join(MOVED)})\.[a-z_.]*")


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, dict[str, str]]) -> None:
        if self.target_name == "wheel":
            runpy.run_path(str(ROOT / "protos" / "generate.py"))["generate"]()
            # An editable install finds the repository itself.
            if version == "standard":
                build_data["force_include"][str(stage())] = "counterfoil"


def stage() -> Path:
    """A directory with what the wheel holds under `counterfoil`."""
    shutil.rmtree(STAGE, ignore_errors=True)
    shutil.copytree(ROOT / "counterfoil", STAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in MOVED:
        shutil.copytree(ROOT / name, STAGE / name, ignore=shutil.ignore_patterns("__pycache__"))
    (STAGE / "__init__.py").touch()
    for path in STAGE.rglob("*.py"):
        path.write_text(moved(path.read_text(), path.relative_to(STAGE)))
    return STAGE


def moved(source: str, path: Path) -> str:
    """The module with the imports of what is moved leading into `counterfoil`, line for line the same else."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    for line, name, new in [*_imports(tree), *_plain_imports(tree)]:
        before = lines[line - 1]
        lines[line - 1] = re.sub(rf"\b{re.escape(name)}(?=\s)", new, before, count=1)
        assert lines[line - 1] != before, f"{path}:{line}: imports {name} in a form that is not known here"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME_IN_TEXT.fullmatch(node.value):
            raise SystemExit(f"{path}:{node.lineno}: names a module in a text; use __package__, or the module itself")
    return "".join(lines)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and _is_moved(node.module):
            yield node.lineno, f"from {node.module}", f"from counterfoil.{node.module}"


def _plain_imports(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """`import services` binds the name `services`, which it must go on doing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(_is_moved(each.name) for each in node.names):
            [only] = node.names
            package, _, last = f"counterfoil.{only.name}".rpartition(".")
            assert only.asname or package == "counterfoil", f"import {only.name}: give it a name, or import from it"
            yield node.lineno, f"import {only.name}", f"from {package} import {last}"


def _is_moved(module: str) -> bool:
    return module.partition(".")[0] in MOVED
