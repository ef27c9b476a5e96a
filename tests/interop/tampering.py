"""Changing one thing in a document after it was signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from services.messages.document import Document
from tests.interop.documents import SEED

_Path = tuple[str | int, ...]


def changed(secured: list[Document]) -> list[Document]:
    """Each with a text, number, entry or field altered, removed or added somewhere, the proof included."""
    random = Random(SEED)
    return [_changed(document, random) for document in secured]


def _changed(secured: Document, random: Random) -> Document:
    copy: Document = json.loads(json.dumps(secured))
    places = list(_places(copy))
    *way, last = random.choice(places)
    within: Any = copy
    for step in way:
        within = within[step]
    what = random.choice(["alter", "remove"])
    if what == "remove":
        del within[last]
    else:
        within[last] = _other(within[last], random)
    return copy


def _places(value: Any, path: _Path = ()) -> Iterator[_Path]:
    if path:
        yield path
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in entries:
        yield from _places(item, (*path, name))


def _other(value: Any, random: Random) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value - 1 if value > 0 else value + 1
        case str() if value:
            place = random.randrange(len(value))
            return value[:place] + ("x" if value[place] != "x" else "y") + value[place + 1 :]
        case list():
            # In front, since a context behind the signed ones is no change to the peers: see test_strictness.
            return ["added", *value]
        case dict():
            return {**value, "added": "later"}
        case _:
            return "another"
