"""`python -m bench`: how fast the product is on this machine, beside what, and whether that is what is wanted."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench import faces, floor, telemetry
from bench.baseline import section as baseline
from bench.options import Options
from bench.table import Section, machine, verdicts

SECTIONS = {
    "operations": baseline.measure,
    "floor": floor.measure,
    "faces": faces.measure,
    "telemetry": telemetry.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each turn is (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, help="how many turns each row has (default: 3)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 100], help="how many ask at a time")
    parser.add_argument("--directory", help="where the databases are made (default: where temporary files are)")
    parser.add_argument("--database-url", help="for operations: an empty PostgreSQL database instead")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if unknown := set(given.sections) - SECTIONS.keys():
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    if not given.json:
        print(machine(), end="\n\n")
    found = asyncio.run(_measure(given))
    if given.json:
        print(json.dumps({"machine": machine(), "sections": [_to_json(each) for each in found]}, indent=2))
    else:
        print(verdicts(target for each in found for target in each.targets))


async def _measure(given: argparse.Namespace) -> list[Section]:
    found = []
    for name in given.sections or SECTIONS:
        with tempfile.TemporaryDirectory(dir=given.directory) as directory:
            options = Options(Path(directory), given.seconds, given.rounds, tuple(given.clients), given.database_url)
            found.append(await SECTIONS[name](options))
        if not given.json:
            print(found[-1].text(), flush=True)
    return found


def _to_json(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "rows": [asdict(each) for each in section.rows],
        "targets": [asdict(each) for each in section.targets],
    }


if __name__ == "__main__":
    main()
