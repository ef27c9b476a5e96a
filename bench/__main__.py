"""`python -m bench`: how fast the product is on this machine, as a table or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import grpc

from bench.measuring import Measured, measure
from bench.operations import Operations
from bench.parts import measure_parts
from bench.server import Server
from bench.table import announce, machine, table

CLIENTS = (1, 16)
PART_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each row is measured (default: 2)")
    parser.add_argument("--directory", help="where the databases are made (default: where temporary files are)")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        measured = asyncio.run(_measure_all(Path(directory), options.seconds, options.database_url))
    if options.json:
        print(json.dumps({"machine": machine(), "rows": [asdict(each) for each in measured]}, indent=2))
    else:
        print(table(measured))


async def _measure_all(directory: Path, seconds: float, database_url: str | None) -> list[Measured]:
    with Server(directory, database_url) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            operations = Operations(channel)
            await operations.prepare()
            measured = await _measure_operations(operations, server, seconds)
    return measured + await measure_parts(directory, min(seconds, PART_SECONDS))


async def _measure_operations(operations: Operations, server: Server, seconds: float) -> list[Measured]:
    measured: list[Measured] = []
    pace: dict[int, float] = {}
    for name, once, target_ms in (
        ("RequestPayment", operations.request, None),
        ("RequestPayment with a QR code, PNG", operations.request_with_picture, 10),
        ("ClaimPayment", operations.claim, None),
        ("ClaimPayment + AcknowledgePayment", operations.settle, None),
        ("DecodeMessage, text of a claim", operations.decode_text, None),
        ("DecodeMessage, screenshot 1080x2400", operations.decode_screenshot, 60),
        ("GetSession, three messages", operations.get_session, None),
    ):
        for clients in CLIENTS:
            announce(f"{name}, {clients} at a time")
            if once in (operations.claim, operations.settle):
                await operations.prepare_sessions(int(pace[clients] * seconds) + 100)
            measured.append(
                await measure(name, once, server.cpu_seconds, clients=clients, seconds=seconds, target_ms=target_ms)
            )
            pace.setdefault(clients, measured[-1].per_second)
    return measured


if __name__ == "__main__":
    main()
