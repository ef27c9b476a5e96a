"""The words of the pages, all of them in one file a language. Another language is another file and a way to choose."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def texts() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("texts", "en.toml").read_text())
