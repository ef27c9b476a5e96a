"""How many may watch sessions at once, so that watchers leave room for calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.runtime.refusals import Overloaded

# Over gRPC and HTTP together. Ten thousand of them were measured.
WATCHERS_MAX = 12_000


class Watchers:
    def __init__(self, watchers_max: int) -> None:
        self._left = watchers_max

    def check(self) -> None:
        """Raises Overloaded where one more would be too many."""
        if self._left <= 0:
            raise Overloaded

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self.check()
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1
