"""What was made or looked up last, so that it is not read from disk again soon."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# Messages of a few kilobytes each, or names of a hundred bytes.
ENTRIES_MAX = 4096


class Recent(Generic[K, V]):
    """For what never changes, such as the message of a digest; what is not in here may well exist."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._entries_max = entries_max

    def keep(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._entries_max:
            self._entries.popitem(last=False)

    def find(self, key: K) -> V | None:
        return self._entries.get(key)
