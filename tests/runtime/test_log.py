"""Log lines are on their way by the end of a turn of the loop, all of them and in order, whoever writes them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.runtime.log import Lines, as_json

_LAST_WORDS = """
import asyncio
from services.runtime.log import Lines
lines = Lines()
lines.soon("before")
async def main():
    lines.soon("during")
    asyncio.get_running_loop().call_soon(lines.soon, "at the end")
    raise SystemExit(3)
try:
    asyncio.run(main())
finally:
    lines.soon("after")
"""


async def test_the_lines_of_a_turn_are_sent_at_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.soon("one")
    lines.soon("two")
    assert capsys.readouterr().err == ""
    await asyncio.sleep(0)
    assert capsys.readouterr().err == "one\ntwo\n"

    lines.soon("three")
    await asyncio.sleep(0)
    assert capsys.readouterr().err == "three\n"


async def test_a_warning_takes_those_before_it_along(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.soon("one")
    lines.now("two")

    assert capsys.readouterr().err == "one\ntwo\n"


async def test_lines_of_threads_and_of_the_loop_are_all_sent(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    with ThreadPoolExecutor(4) as threads:
        for number in range(1000):
            threads.submit(lines.soon, f"thread {number}")
            lines.soon(f"loop {number}")
    await asyncio.sleep(0)

    sent = capsys.readouterr().err.splitlines()
    assert sorted(sent) == sorted(f"{who} {number}" for who in ("thread", "loop") for number in range(1000))
    assert [each for each in sent if each.startswith("loop")] == [f"loop {number}" for number in range(1000)]


def test_a_process_that_ends_in_the_middle_has_sent_its_last_lines() -> None:
    ended = subprocess.run([sys.executable, "-c", _LAST_WORDS], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.splitlines()) == (3, ["before", "during", "at the end", "after"])


async def test_a_line_that_is_not_taken_costs_nobody_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _text: str) -> None:
            raise OSError(28, "No space left on device")

    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    monkeypatch.setattr("sys.stderr", Full())
    lines = Lines()
    lines.soon("lost")
    await asyncio.sleep(0)
    await asyncio.to_thread(lines.soon, "lost as well")
    monkeypatch.undo()

    assert failures == []


@pytest.mark.parametrize("value", ["zwölf", "half a \udc80", 2**70, Path("/tmp/here")])
def test_a_line_of_json_holds_whatever_is_to_be_told(value: object) -> None:
    line = json.loads(as_json("info", "told", {"value": value}))

    assert (line["event"], line["level"]) == ("told", "info")
    assert line["value"] == (value if isinstance(value, str | int) else repr(value))
