"""Bugs planted into the readers, one of each kind, to see that the fuzzer finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.codec import packing
from services.credentials import data_model
from services.messages import text


def _no_end() -> None:
    """A number is read on beyond the end."""

    def number(self: Any) -> int:
        value, shift, byte = 0, 0, 128
        while byte > 127 and shift < 70:
            byte = self._data[self._at]
            value |= (byte & 127) << shift
            self._at, shift = self._at + 1, shift + 7
        return value

    packing.Reader.number = number  # type: ignore[method-assign]


def _no_id() -> None:
    """An issuer that is no text is taken to be an object with an id."""
    data_model.identity_of = lambda value: value if isinstance(value, str) else value["id"]


def _endless() -> None:
    """A control character is looked at for ever."""
    size = text._size

    def endless(value: str, field: str, bytes_max: int) -> int:
        while min(value) < " ":
            pass
        return size(value, field, bytes_max)

    text._size = endless


def _hungry() -> None:
    """As many bytes as a huge number says, of which a gigabyte is enough."""
    number = packing.Reader.number
    kept: list[bytearray] = []

    def hungry(self: Any) -> int:
        value = number(self)
        if value > 2**50:
            kept[:] = [bytearray(b"\1") * min(value, 2**30)]
        return value

    packing.Reader.number = hungry  # type: ignore[method-assign]


# Each with the target that meets it.
MUTANTS: dict[str, tuple[str, Callable[[], None]]] = {
    "no end": ("content", _no_end),
    "no id": ("credential", _no_id),
    "endless": ("content", _endless),
    "hungry": ("content", _hungry),
}
