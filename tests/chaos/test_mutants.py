"""The checks find what is broken on purpose, and nothing where nothing is."""

from __future__ import annotations

import random
import time
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos.broken.gateway import MUTANTS
from tests.chaos.deployment import OnSqlite
from tests.chaos.faults import Fault, killing
from tests.chaos.run import Run

FOUND = {
    "forgets_requests": "recorded by",
    "answers_before_it_commits": "which is lost",
    "counts_twice": "paid_amount is",
    "skips_a_change": "WatchSession",
}
KILLS = 2
# Of a product in which each of them is likely to show what is broken.
KILLS_OF_MUTANT = 6
SECONDS_MAX = 60.0
# Other tests may keep the machine busy.
BACK_SECONDS = 30.0


@pytest.mark.slow
async def test_nothing_is_found_in_a_product_that_is_whole(tmp_path: Path) -> None:
    assert await findings(tmp_path, "gateway", KILLS) == []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
async def test_what_is_broken_on_purpose_is_found(tmp_path: Path, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_MUTANT", mutant)
    found = await findings(tmp_path, "tests.chaos.broken.gateway", KILLS_OF_MUTANT, FOUND[mutant])
    assert any(FOUND[mutant] in each for each in found), found


async def findings(directory: Path, gateway: str, kills_max: int, sought: str = "") -> list[str]:
    """After so many kills, or the first that shows what is sought."""
    chance = random.Random(1)
    deployment = OnSqlite(directory, gateway)
    try:
        await deployment.start()
        run = Run(deployment, chance, BACK_SECONDS)
        programs = list(deployment.programs.values())

        def deal() -> list[Fault]:
            return [] if any(sought in each for each in run.ledger.findings) else list(islice(kills, 1))

        kills = (killing("kill gateway", programs, chance) for _ in range(kills_max))
        await run.faults(time.monotonic() + SECONDS_MAX, deal)
    finally:
        await deployment.stop()
        deployment.remove()
    return run.ledger.findings
