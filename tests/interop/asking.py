"""Other people's implementations, each a process that answers line by line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parent
WEBVH_PYTHON = DIRECTORY / ".venv" / "bin" / "python"
SECONDS_MAX = 60

Answer = dict[str, Any]


def ask(program: str, settings: Mapping[str, Any], lines: Iterable[object]) -> list[Answer]:
    """One answer for each line."""
    path = DIRECTORY / "peers" / program
    interpreter = shutil.which("node") if path.suffix == ".js" else str(WEBVH_PYTHON)
    assert interpreter, "Node is missing"
    texts = list(map(json.dumps, (settings, *lines)))
    done = subprocess.run(
        [interpreter, path],
        input="\n".join(texts) + "\n",
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS_MAX,
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sys.stderr.write(done.stderr)
    answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert len(answers) == len(texts) - 1
    return answers
