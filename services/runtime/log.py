"""Structured log lines: events with ids, never payloads, texts of the parties or secrets."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog

from services.runtime.settings import Settings


def configure(settings: Settings) -> None:
    text = settings.log_format == "text"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=text and sys.stderr.isatty())
            if text
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def where(error: BaseException) -> dict[str, str]:
    """A fault for the log without its message, which may quote what a party wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames[-6:]))}
