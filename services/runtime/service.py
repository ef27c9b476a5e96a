"""What a service is to whoever runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from services.runtime.certificates import Files


async def _nothing_to_close() -> None:
    pass


class Face(Protocol):
    """A way into a service from outside, with an address of its own."""

    async def start(self, tls: Files | None = None) -> str:
        """Listens, and returns where. Raises BadSetting when it cannot."""
        ...

    async def stop(self) -> None:
        """Takes no more calls and gives running ones their grace."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service that has been built. `register` is given anything a generated `add_..._to_server` accepts."""

    register: Callable[[Any], None]
    close: Callable[[], Awaitable[None]] = _nothing_to_close
    # Its other ways in, beside gRPC.
    faces: tuple[Face, ...] = ()
