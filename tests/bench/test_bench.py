"""The measuring itself, for a moment: that it measures, not how fast."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.measuring import NothingLeft, Side, in_turns, measure


async def test_a_figure_is_the_median_of_rounds_that_took_turns():
    asked: list[str] = []

    async def ours() -> None:
        asked.append("ours")
        await asyncio.sleep(0.002)

    async def theirs() -> None:
        asked.append("theirs")
        await asyncio.sleep(0.001)

    sides = [Side("ours", ours, time.process_time), Side("theirs", theirs, time.process_time)]
    measured = await in_turns(sides, clients=1, seconds=0.02, rounds=3)

    assert [each.name for each in measured] == ["ours", "theirs"]
    assert [name for name, before in zip(asked, ["", *asked], strict=False) if name != before] == ["ours", "theirs"] * 3
    assert measured[0].median_ms >= 2


async def test_what_is_used_up_ends_a_turn_early():
    left = [None] * 20

    async def once() -> None:
        if not left:
            raise NothingLeft
        left.pop()

    measured = await measure("once", once, time.process_time, clients=2, seconds=5)

    assert measured.per_second > 20


@pytest.mark.slow
def test_the_floor_is_the_sum_of_its_parts(tmp_path: Path):
    command = [sys.executable, "-m", "bench", "floor", "--seconds", "0.2", "--rounds", "1", "--clients", "2", "--json"]
    done = subprocess.run([*command, "--directory", tmp_path], capture_output=True, text=True, check=True)

    (section,) = json.loads(done.stdout)["sections"]
    cpu_ms = {row["name"]: row["cpu_ms"] for row in section["rows"]}
    floor = cpu_ms["claim, echo"] + sum(cpu_ms[part] for part in ("canonical", "sign", "pack", "commit"))
    found = {target["name"]: target["found"] for target in section["targets"]}
    assert found["claim, 2 at a time: times the floor"] == pytest.approx(cpu_ms["claim"] / floor)
