"""`python -m tests.chaos`: kills, full disks and the like while clients pay, and whether anything was lost."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.chaos.deployment import SHAPES, Deployment
from tests.chaos.faults import faults_of
from tests.chaos.report import Report
from tests.chaos.run import Run

# Most is to be learnt where there are most parts.
SHARE_OF_FIRST = 0.65


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="after which no fault begins (default: 300)")
    parser.add_argument(
        "--back", type=float, default=5, help="seconds to be back in; more on a busy machine (default: 5)"
    )
    parser.add_argument("--seed", type=int, help="chooses the same faults again")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    report = Report(seed)
    began_at = time.monotonic()
    for number, shape in enumerate(SHAPES):
        ends_at = began_at + options.seconds * (1 if number else SHARE_OF_FIRST)
        with tempfile.TemporaryDirectory(prefix="cf-chaos-") as directory:
            Path(directory).chmod(0o755)  # PostgreSQL runs as another user.
            chance = random.Random(f"{seed} {number}")
            asyncio.run(_run(shape(Path(directory)), chance, ends_at, options.back, report))
    report.table()
    return 1 if report.findings else 0


async def _run(deployment: Deployment, chance: random.Random, ends_at: float, back: float, report: Report) -> None:
    try:
        await deployment.start()
        report.shape(deployment)
        run = Run(deployment, chance, back)
        await run.faults(ends_at, partial(faults_of, deployment, chance), report.line)
    finally:
        await deployment.stop()
        report.ended(deployment)
        deployment.remove()


if __name__ == "__main__":
    sys.exit(main())
