"""Structured log lines: events with ids, never payloads, texts of the parties or secrets."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import sys
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import orjson

from services.runtime.call import current_call
from services.runtime.settings import Settings
from services.runtime.tracing import current_trace

Fields = dict[str, object]

_OURS = tuple(str(Path(__file__).parents[2] / package) for package in ("client", "gateway", "services"))


class Lines:
    """Standard error, given several lines at once: each write takes as long as a statement of a database.

    Lines that only inform wait for the end of the turn of the loop. What standard error does not take,
    on a full disk, say, costs no call its answer.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        # So that threads keep the order.
        self._sending = Lock()
        # Where they are to be sent soon.
        self._loop: asyncio.AbstractEventLoop | None = None
        atexit.register(self.send)

    def soon(self, line: str) -> None:
        self._waiting.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # In a thread, or before and after it all.
            self.send()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._end_turn)

    def now(self, line: str) -> None:
        self._waiting.append(line)
        self.send()

    def send(self) -> None:
        with self._sending, suppress(OSError):
            if lines := [self._waiting.popleft() for _ in range(len(self._waiting))]:
                sys.stderr.write("\n".join(lines) + "\n")

    def _end_turn(self) -> None:
        self._loop = None
        self.send()


class Log:
    """Events with fields: `log.info("recorded", session_id=...)`. The ids of the call and of its trace are added.

    Three lines are a part of every operation that records something, so there is nothing between an event and its line.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.least = logging.INFO
        self.shape: Callable[[str, str, Fields], str] = as_text

    def debug(self, event: str, **fields: object) -> None:
        if self.least <= logging.DEBUG:
            self._write("debug", event, fields)

    def info(self, event: str, **fields: object) -> None:
        if self.least <= logging.INFO:
            self._write("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        if self.least <= logging.WARNING:
            self._write("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: Fields) -> None:
        if call := current_call.get():
            fields.setdefault("request_id", call.request_id)
        if trace := current_trace():
            fields["trace_id"] = trace
        line = self.shape(level, event, fields)
        if level in {"warning", "error"}:
            self._lines.now(line)
        else:
            self._lines.soon(line)


def as_text(level: str, event: str, fields: Fields) -> str:
    shown = " ".join(
        [
            f"{name}={value if type(value) is str and value.isprintable() and ' ' not in value else repr(value)}"
            for name, value in fields.items()
        ]
    )
    return f"{datetime.now(UTC).isoformat(timespec='microseconds')[:26]}Z [{level}] {event} {shown}"


def as_json(level: str, event: str, fields: Fields) -> str:
    line = {"timestamp": datetime.now(UTC), "level": level, "event": event, **fields}
    try:
        return orjson.dumps(line, default=repr, option=orjson.OPT_UTC_Z).decode()
    except orjson.JSONEncodeError:  # For half a character, in the name of a file, say.
        return json.dumps(line, default=str)


log = Log(Lines())


def configure(settings: Settings) -> None:
    log.least = getattr(logging, settings.log_level.upper())
    log.shape = as_text if settings.log_format == "text" else as_json


def where(error: BaseException) -> dict[str, str]:
    """A fault for the log without its message, which may quote what a party wrote: where it rose, and our way there."""
    *way, last = traceback.extract_tb(error.__traceback__)
    frames = [last, *(frame for frame in reversed(way) if frame.filename.startswith(_OURS))]
    return {"error": type(error).__name__, "at": " < ".join(f"{f.filename}:{f.lineno}" for f in frames[:6])}
