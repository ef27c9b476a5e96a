"""`python -m bench.peers`: signing and verifying beside the npm packages, round by round in the same minute."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from uuid_utils.compat import uuid7

from bench.measuring import Measured
from bench.revocable import CPU_MS_MAX, measure_revocable
from bench.table import announce, machine
from services.credentials import contexts, data_model, proofs
from services.credentials.issuing import issue
from services.credentials.reading import read
from services.credentials.verification import Circumstances, judge
from services.messages import secured
from services.messages.canonical import canonical
from services.messages.document import Document, to_document, to_timestamp
from services.messages.message import Message, Party, PaymentMethod, Request
from services.messages.money import Money
from tests.interop.keys import ED25519, P256, Key

PEER = Path("tests/interop/peers/rounds.js")
ROUNDS = 7
NOW = datetime.now(UTC).replace(microsecond=0)
METHODS = (
    PaymentMethod("SEPA", {"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}),
    PaymentMethod("BTC", {"wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
)
AMOUNT = Money.parse("120.00", "EUR")
# How many times faster where both sides do the same.
TIMES_FASTER_MIN = {"prove": 5, "check": 2, "issue": 5, "verify": 2}
PARTS = {
    "sign": "signature alone",
    "prove": "proof made",
    "check": "proof checked",
    "issue": "credential issued",
    "verify": "credential verified",
}
_HOW = """\
One request with two payment methods, one key, in turns of {seconds:g} s; medians of {rounds} turns.
CPU: user and system time of the whole process for one operation; the targets are judged by it.
Proof made, proof checked: both canonical forms, both hashes, the signature and its base58; no JSON text.
Credential issued: a document that is ready is checked against the data model, signed, and written as JSON, by us and
by the peer (@digitalbazaar/vc). Credential verified: from JSON text; the peer checks dates, types, issuer and key
purpose, and we make the nine checks of any credential.
Keys: to sign, we and the peer's ECDSA hold the key parsed, while its Ed25519 parses the key for each signature. To
verify, we keep parsed keys by DID; the peer parses the key each time.
Ours alone: a message is signed and kept with its place in a status list, synced to disk, in one transaction, or
verified by all eleven checks with its place looked up; at a time: so many callers at once share a sync."""


@dataclass(frozen=True)
class Round:
    times: int
    seconds: float
    cpu_seconds: float


class Side(Protocol):
    def run(self, part: str, seconds: float) -> Round: ...


class Ours:
    def __init__(self, parts: Mapping[str, Callable[[], object]]) -> None:
        self._parts = parts

    def run(self, part: str, seconds: float) -> Round:
        once = self._parts[part]
        times, used, began = 0, time.process_time(), time.perf_counter()
        until = began + seconds
        while time.perf_counter() < until:
            once()
            times += 1
        return Round(times, time.perf_counter() - began, time.process_time() - used)


class Peer:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, line: Mapping[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def run(self, part: str, seconds: float) -> Round:
        self.tell({"part": part, "seconds": seconds})
        assert self._process.stdout
        return Round(**json.loads(self._process.stdout.readline()))


@dataclass(frozen=True)
class Row:
    part: str
    ours: list[Round]
    peers: list[Round]

    def line(self) -> str:
        ours, peers = _per_second(self.ours), _per_second(self.peers)
        ours_cpu, peers_cpu = _cpu_ms(self.ours), _cpu_ms(self.peers)
        rates = f"{ours:10.0f}{peers:9.0f}{ours / peers:8.1f}x"
        cpu = f"{ours_cpu:10.3f}{peers_cpu:9.3f}{peers_cpu / ours_cpu:8.1f}x"
        target = self._target(peers_cpu / ours_cpu)
        return f"  {PARTS[self.part]:24}{rates}{cpu}  {target}".rstrip()

    def _target(self, times_faster: float) -> str:
        wanted = TIMES_FASTER_MIN.get(self.part)
        return f"target {wanted}x: {'met' if times_faster >= wanted else 'MISSED'}" if wanted else ""


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.15, help="how long a turn takes (default: 0.15)")
    seconds = parser.parse_args().seconds
    node = shutil.which("node")
    if not node or not (PEER.parents[1] / "node_modules").exists():
        print("The npm packages to compare with are not installed: run make interop, which needs Node.")
        return
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{machine()}, Node {version}\n")
    print(f"{'':26}{'per second':>28}{'CPU ms a time':>28}")
    print(" " * 26 + 2 * f"{'ours':>10}{'npm':>9}{'ratio':>9}")
    for key in (ED25519, P256):
        print(key.cryptosuite)
        for row in _measure(node, key, seconds):
            print(row.line())
    print("ours alone, eddsa-jcs-2022 with a status list")
    with tempfile.TemporaryDirectory() as directory:
        for measured in asyncio.run(measure_revocable(Path(directory), seconds * ROUNDS)):
            print(_line_of_ours(measured))
    print("\n" + _HOW.format(seconds=seconds, rounds=ROUNDS))


def _line_of_ours(measured: Measured) -> str:
    wanted = CPU_MS_MAX[measured.name]
    name = f"{PARTS[measured.name].removeprefix('credential ')}, {measured.clients} at a time"
    # One alone pays for a sync of the disk, which is no work of the parts.
    judged = measured.name == "verify" or measured.clients > 1
    met = "met" if measured.cpu_ms < wanted else "MISSED"
    target = f"target < {wanted:.3f} ms: {met}" if judged else ""
    return f"  {name:24}{measured.per_second:10.0f}{'':18}{measured.cpu_ms:10.3f}{'':18}  {target}".rstrip()


def _measure(node: str, key: Key, seconds: float) -> list[Row]:
    message = Message(
        uuid7(), uuid7(), key.did, NOW, Request(Party("Ana"), AMOUNT, "two chairs", METHODS, NOW + timedelta(7))
    )
    with _peer(node, key, message) as peer:
        return [_alternate(part, Ours(_parts(key, message)), peer, seconds) for part in PARTS]


def _alternate(part: str, ours: Side, peer: Side, seconds: float) -> Row:
    announce(part)
    for side in (ours, peer):  # For the caches of one and the compiler of the other.
        side.run(part, seconds * 2)
    turns = [(ours.run(part, seconds), peer.run(part, seconds)) for _ in range(ROUNDS)]
    return Row(part, [ours for ours, _ in turns], [peer for _, peer in turns])


def _parts(key: Key, message: Message) -> dict[str, Callable[[], object]]:
    document, created = to_document(message), to_timestamp(message.issued_at)
    text = issue(message, key).json
    secured.forget()
    known = Circumstances(NOW, own={key.did})
    unsigned = json.loads(text)
    proof = unsigned.pop("proof")
    assert judge(read(text), known, any_statement=True).accepted
    data = bytes(64)
    return {
        "sign": lambda: key.sign(data),
        "prove": lambda: proofs.secure(document, key, created),
        "check": lambda: proofs.check(unsigned, proofs.document_hash(unsigned), proof),
        "issue": lambda: _issue(document, key, created),
        "verify": lambda: judge(read(text), known, any_statement=True),
    }


def _issue(document: Document, key: Key, created: str) -> bytes:
    """A document that is ready, as SignDocument signs it."""
    assert not contexts.flaw(document)
    assert not data_model.flaw_of_credential(document)
    return canonical(proofs.secure(document, key, created)[0])


@contextmanager
def _peer(node: str, key: Key, message: Message) -> Iterator[Peer]:
    with subprocess.Popen(
        [node, PEER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"]},
    ) as process:
        peer = Peer(process)
        peer.tell(
            {
                "cryptosuite": key.cryptosuite,
                "key": key.to_multikey(),
                "created": to_timestamp(message.issued_at),
                "document": to_document(message),
                "text": issue(message, key).json,
            }
        )
        yield peer
        assert process.stdin
        process.stdin.close()


def _per_second(rounds: list[Round]) -> float:
    return statistics.median(each.times / each.seconds for each in rounds)


def _cpu_ms(rounds: list[Round]) -> float:
    return statistics.median(each.cpu_seconds / each.times for each in rounds) * 1000


if __name__ == "__main__":
    main()
