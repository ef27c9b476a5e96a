"""Structured log lines: events with ids, never payloads, texts of the parties or secrets."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict

from services.runtime.call import current_call
from services.runtime.settings import Settings
from services.runtime.tracing import current_trace

_OURS = tuple(str(Path(__file__).parents[2] / package) for package in ("client", "gateway", "services"))


def configure(settings: Settings) -> None:
    text = settings.log_format == "text"
    structlog.configure(
        processors=[
            _with_ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=text and sys.stderr.isatty())
            if text
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy())),
        cache_logger_on_first_use=True,
    )


class _Lossy:
    """Standard error. A line that it does not take, on a full disk, say, costs no call its answer."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


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
