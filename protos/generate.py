"""Generates the Python code of the protos into ./counterfoil, and beside it what has that name in public."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "counterfoil"

# The library's import path and the command's: the same in this repository and wherever the wheel is installed.
_PUBLIC = {
    "sdk.py": "from client.sdk.exports import *\n",
    "__main__.py": 'from client.cli import main\n\nif __name__ == "__main__":\n    main()\n',
}


def generate() -> None:
    from grpc_tools import protoc

    shutil.rmtree(PACKAGE, ignore_errors=True)
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
    (PACKAGE / "py.typed").touch()
    for name, source in _PUBLIC.items():
        (PACKAGE / name).write_text(source)


if __name__ == "__main__":
    generate()
