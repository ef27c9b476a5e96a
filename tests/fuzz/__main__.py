"""One target under atheris: `python -m tests.fuzz TARGET [--mutant NAME]`, then libFuzzer's options and folders."""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["services"]):
    from tests.fuzz.mutants import MUTANTS
    from tests.fuzz.targets import TARGETS

program, name, *arguments = sys.argv
if arguments[:1] == ["--mutant"]:
    MUTANTS[arguments[1]][1]()
    arguments = arguments[2:]
atheris.Setup([program, *arguments], TARGETS[name])
atheris.Fuzz()
