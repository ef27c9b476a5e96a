"""A line for each fault while it runs, and a table of all at the end."""

from __future__ import annotations

import re
import sys
from collections import Counter

from tests.chaos.deployment import Deployment
from tests.chaos.ledger import ANSWERED
from tests.chaos.run import Outcome

ALIKE_MAX = 2
_ID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class Report:
    def __init__(self, seed: int) -> None:
        self._outcomes: list[Outcome] = []
        self.findings: list[str] = []
        self._write(f"chaos: the choice of faults can be had again with SEED={seed}")

    def shape(self, deployment: Deployment) -> None:
        self._write(f"\n{deployment.shape}")
        for what, reason in deployment.missing.items():
            self._write(f"  left out, {what}: {reason}")

    def line(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._write(
            f"  {outcome.at_seconds:6.1f} s  {outcome.name:32}  {outcome.codes.total():5} calls  "
            f"back in {outcome.back_seconds:4.1f} s  {_errors(outcome.codes)}"
        )
        self._find(outcome.findings)

    def ended(self, deployment: Deployment) -> None:
        """Faults of ours are in the logs, whoever was told of them."""
        for file in deployment.log_files():
            for line in file.read_text(errors="replace").splitlines() if file.exists() else ():
                if '"event":"fault"' in line or line.startswith("Traceback"):
                    self._find([f"{file.stem} logs a fault: {line}"])

    def table(self) -> None:
        names = sorted({each.name for each in self._outcomes})
        self._write(f"\n  {'fault':32}  times  calls  errors  slowest to be back")
        for name in names:
            those = [each for each in self._outcomes if each.name == name]
            codes = sum((each.codes for each in those), Counter[str]())
            slowest = max(each.back_seconds for each in those)
            self._write(
                f"  {name:32}  {len(those):5}  {codes.total():5}  {codes.total() - codes[ANSWERED]:6}  {slowest:.1f} s"
            )
        self._write(f"\n{len(self.findings)} findings" if self.findings else "\nno finding")

    def _find(self, findings: list[str]) -> None:
        """Of many that are the same but for their ids, the first few are enough."""
        self.findings += findings
        alike = Counter[str]()
        for each in findings:
            kind = _ID.sub("...", each)
            alike[kind] += 1
            if alike[kind] <= ALIKE_MAX:
                self._write(f"    FINDING: {each}")
        for kind, times in alike.items():
            if times > ALIKE_MAX:
                self._write(f"    and {times - ALIKE_MAX} more like it: {kind}")

    def _write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _errors(codes: Counter[str]) -> str:
    return ", ".join(f"{code} {times}" for code, times in sorted(codes.items()) if code != ANSWERED)
