"""What a service is to whoever runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


async def _nothing_to_close() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service that has been built. `register` is given anything a generated `add_..._to_server` accepts."""

    name: str
    register: Callable[[Any], None]
    close: Callable[[], Awaitable[None]] = _nothing_to_close
