"""Whatever the fuzzer began with or ever found is read or refused, with and without the fuzzer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.seeds import DIRECTORY, name_of, seeds
from tests.fuzz.targets import TARGETS


def kept(target: str) -> list[Path]:
    return sorted(DIRECTORY.joinpath(target).iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_there_is_something_to_begin_with(target: str) -> None:
    assert len(kept(target)) >= 2


@pytest.mark.parametrize(
    ("target", "path"),
    [pytest.param(target, path, id=f"{target} {path.name}") for target in TARGETS for path in kept(target)],
)
def test_what_is_kept_is_read_or_refused(target: str, path: Path) -> None:
    TARGETS[target](path.read_bytes())


def test_nothing_is_kept_but_the_seeds_and_what_was_found() -> None:
    """What the fuzzer learns in a run stays out: it would find its planted bugs by heart."""
    written = {(target, name_of(name)) for target, name, _ in seeds()}
    found = {("text", "half-a-character"), ("presentation", "half-a-character-in-the-proof")}

    assert {(target, path.name) for target in TARGETS for path in kept(target)} == written | found
