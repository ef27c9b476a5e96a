"""What goes wrong, for how long, and when it is over."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tests.chaos.deployment import Deployment
from tests.chaos.links import Link
from tests.chaos.preload import Control
from tests.chaos.small_disk import SmallDisk
from tests.chaos.supervised import Supervised
from tests.chaos.waiting import until

T = TypeVar("T")

AWAY_SECONDS = (0.0, 1.0)
SEVERAL_SECONDS = (1.5, 4.0)
HOUR = 3600
# What a disk takes that is about to fail.
SYNC_SECONDS = (0.1, 0.5)


@dataclass(frozen=True)
class Fault:
    """`inflict` returns when it was over: from then on the service has its time to be back."""

    name: str
    inflict: Callable[[], Awaitable[float]]


def faults_of(deployment: Deployment, chance: random.Random) -> list[Fault]:
    """Each kind that can be had here, once, in a random order and with a random length."""
    programs, links = list(deployment.programs.values()), deployment.links
    # PostgreSQL's are noticed by TCP, of which a proxy cannot take anything away.
    of_grpc = [each for each in links if not each.name.endswith("-postgresql")]
    faults = [
        *(killing(f"kill {each.name}", [each], chance) for each in programs),
        killing("kill all at once", programs, chance),
        *(_pausing(each, chance) for each in _some(programs, chance, 2)),
        *(_cutting(each, chance) for each in _some(links, chance, 2)),
        _silencing(chance.choice(links), chance),
        _losing(chance.choice(of_grpc)),
    ]
    if deployment.disk:
        faults.append(_filling(deployment.disk, chance))
    if deployment.controls:
        controls = list(deployment.controls.values())
        faults.append(_slowing(controls, chance))
        faults += (_setting_clocks(controls, chance, hours) for hours in (1, -1))
    chance.shuffle(faults)
    return faults


def killing(name: str, programs: list[Supervised], chance: random.Random) -> Fault:
    away = chance.uniform(*AWAY_SECONDS)

    async def kill() -> float:
        """Over when the last was started again."""
        starts = {each.name: each.starts for each in programs}
        for each in programs:
            each.kill(away)
        await until(lambda: all(each.starts > starts[each.name] for each in programs))
        return max(each.started_at for each in programs)

    return Fault(name, kill)


def _pausing(program: Supervised, chance: random.Random) -> Fault:
    return _holding(f"pause {program.name}", program.pause, program.go_on, chance)


def _cutting(link: Link, chance: random.Random) -> Fault:
    """Again and again."""
    pauses = [chance.uniform(0.05, 0.5) for _ in range(chance.randrange(2, 6))]

    async def cut() -> float:
        for pause in pauses:
            link.cut()
            await asyncio.sleep(pause)
        return time.monotonic()

    return Fault(f"cut {link.name}", cut)


def _silencing(link: Link, chance: random.Random) -> Fault:
    return _holding(f"silence {link.name}", link.silence, link.heal, chance)


def _losing(link: Link) -> Fault:
    async def lose() -> float:
        link.lose()
        return time.monotonic()

    return Fault(f"lose {link.name}", lose)


def _filling(disk: SmallDisk, chance: random.Random) -> Fault:
    seconds = chance.uniform(*SEVERAL_SECONDS)

    async def fill() -> float:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            # Whoever gives something back finds it taken.
            disk.fill()
            await asyncio.sleep(0.1)
        disk.empty()
        return time.monotonic()

    return Fault("full disk", fill)


def _slowing(controls: list[Control], chance: random.Random) -> Fault:
    sync = chance.uniform(*SYNC_SECONDS)
    return _holding("slow disk", *_controlling(controls, sync_seconds=sync), chance)


def _setting_clocks(controls: list[Control], chance: random.Random, hours: int) -> Fault:
    """Of one program or of all."""
    name, some = chance.choice([("a clock", [chance.choice(controls)]), ("all clocks", controls)])
    direction = "ahead" if hours > 0 else "back"
    return _holding(f"{name} an hour {direction}", *_controlling(some, clock_seconds=hours * HOUR), chance)


def _controlling(controls: Iterable[Control], **wrong: float) -> tuple[Callable[[], None], Callable[[], None]]:
    def begin() -> None:
        for each in controls:
            each.set(**wrong)

    def end() -> None:
        for each in controls:
            each.set()

    return begin, end


def _holding(name: str, begin: Callable[[], None], end: Callable[[], None], chance: random.Random) -> Fault:
    seconds = chance.uniform(*SEVERAL_SECONDS)

    async def hold() -> float:
        begin()
        await asyncio.sleep(seconds)
        end()
        return time.monotonic()

    return Fault(name, hold)


def _some(these: list[T], chance: random.Random, count: int) -> list[T]:
    return chance.sample(these, min(count, len(these)))
