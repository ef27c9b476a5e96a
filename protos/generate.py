"""Generates the Python code of the protos into ./counterfoil: by hand, or as the build hook of any `pip install`."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def generate() -> None:
    from grpc_tools import protoc

    shutil.rmtree(ROOT / "counterfoil", ignore_errors=True)
    protos = ROOT / "protos"
    # The plugins may stand beside an interpreter that is not on PATH.
    search = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    plugins = {name: shutil.which(name, path=search) for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")}
    failed = protoc.main(
        [
            "protoc",
            f"--proto_path={protos}",
            f"--proto_path={files('grpc_tools') / '_proto'}",
            *(f"--plugin={name}={path}" for name, path in plugins.items()),
            f"--python_out={ROOT}",
            f"--mypy_out=quiet:{ROOT}",
            f"--grpc_python_out={ROOT}",
            f"--mypy_grpc_out=quiet:{ROOT}",
            *(str(path) for path in sorted(protos.rglob("*.proto"))),
        ]
    )
    if failed:
        raise SystemExit(failed)
    (ROOT / "counterfoil" / "py.typed").touch()


if __name__ == "__main__":
    generate()
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class GenerateProtos(BuildHookInterface):  # type: ignore[type-arg]
        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            generate()
