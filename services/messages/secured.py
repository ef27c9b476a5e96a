"""A message's credential taken apart, so that one which this process has just made need not be read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.messages.message import Message
from services.messages.recent import Recent


@dataclass(frozen=True, slots=True)
class Secured:
    """What the frozen template makes a credential of: a message, its place in a status list, and its signature."""

    message: Message
    cryptosuite: str
    verification_method: str
    signature: bytes
    status: dict[str, Any] | None


_MADE: Recent[str, Secured] = Recent(1000)


def remember(credential: str, secured: Secured) -> None:
    """Only what the template gives from `secured`, byte for byte."""
    _MADE.put(credential, secured)


def known(credential: str) -> Secured | None:
    return _MADE.get(credential)


def forget() -> None:
    """As after a start."""
    _MADE.clear()
