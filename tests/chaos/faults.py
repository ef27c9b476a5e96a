"""What goes wrong, for how long, and when it is over."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.deployment import Deployment
from tests.chaos.supervised import Supervised
from tests.chaos.waiting import until

AWAY_SECONDS = (0.0, 1.0)
SEVERAL_SECONDS = (1.5, 4.0)


@dataclass(frozen=True)
class Fault:
    """`inflict` returns when it is over: the moment from which on the service has its time to be back."""

    name: str
    inflict: Callable[[], Awaitable[float]]


def faults_of(deployment: Deployment, chance: random.Random) -> list[Fault]:
    """Each that can be had here, once, in a random order."""
    programs = list(deployment.programs.values())
    faults = [
        *(Fault(f"kill {each.name}", _killing([each], chance)) for each in programs),
        Fault("kill all at once", _killing(programs, chance)),
    ]
    chance.shuffle(faults)
    return faults


def _killing(programs: list[Supervised], chance: random.Random) -> Callable[[], Awaitable[float]]:
    away = chance.uniform(*AWAY_SECONDS)

    async def kill() -> float:
        """Over when the last was started again."""
        starts = {each.name: each.starts for each in programs}
        for each in programs:
            each.kill(away)
        await until(lambda: all(each.starts > starts[each.name] for each in programs))
        return max(each.started_at for each in programs)

    return kill


async def held(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return time.monotonic()
