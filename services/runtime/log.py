"""Structured log lines: events with ids, never payloads, texts of the parties or secrets."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import sys
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import orjson
import structlog
from structlog.typing import EventDict

from services.runtime.call import current_call
from services.runtime.settings import Settings
from services.runtime.tracing import current_trace

_OURS = tuple(str(Path(__file__).parents[2] / package) for package in ("client", "gateway", "services"))


class Lines:
    """Standard error, given several lines at once: each write takes as long as a statement of a database.

    Lines that only inform wait for the end of the call, or of the turn of the loop. What standard error does not take,
    on a full disk, say, costs no call its answer.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        # So that threads keep the order.
        self._sending = Lock()
        # Where they are to be sent soon.
        self._loop: asyncio.AbstractEventLoop | None = None
        atexit.register(self.send)

    def info(self, line: str) -> None:
        self._waiting.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # In a thread, or before and after it all.
            self.send()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._end_turn)

    debug = info

    def error(self, line: str) -> None:
        self._waiting.append(line)
        self.send()

    warning = error

    def send(self) -> None:
        with self._sending, suppress(OSError):
            if lines := [self._waiting.popleft() for _ in range(len(self._waiting))]:
                sys.stderr.write("\n".join(lines) + "\n")

    def _end_turn(self) -> None:
        self._loop = None
        self.send()


LINES = Lines()


def configure(settings: Settings) -> None:
    structlog.configure(
        processors=[_with_ids, _as_text if settings.log_format == "text" else _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=lambda *_: LINES,
        cache_logger_on_first_use=True,
    )


def _as_text(_logger: object, method: str, event: EventDict) -> str:
    what = event.pop("event")
    return f"{_now()} [{method}] {what} {' '.join([f'{name}={_shown(value)}' for name, value in event.items()])}"


def _shown(value: object) -> str:
    plain = type(value) is str and value.isprintable() and " " not in value
    return str(value) if plain else repr(value)


def _as_json(_logger: object, method: str, event: EventDict) -> str:
    line = {**event, "level": method, "timestamp": _now()}
    try:
        return orjson.dumps(line, default=repr).decode()
    except orjson.JSONEncodeError:  # For half a character, in the name of a file, say.
        return json.dumps(line, default=repr)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _with_ids(_logger: object, _method: str, event: EventDict) -> EventDict:
    call = current_call.get()
    if call:
        event.setdefault("request_id", call.request_id)
    if trace := current_trace():
        event["trace_id"] = trace
    return event


def where(error: BaseException) -> dict[str, str]:
    """A fault for the log without its message, which may quote what a party wrote: where it rose, and our way there."""
    *way, last = traceback.extract_tb(error.__traceback__)
    frames = [last, *(frame for frame in reversed(way) if frame.filename.startswith(_OURS))]
    return {"error": type(error).__name__, "at": " < ".join(f"{f.filename}:{f.lineno}" for f in frames[:6])}
