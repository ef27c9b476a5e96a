"""How much work something is, whatever else the machine has to do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Of this thread: neither other programs count, nor what tests before have left, running or to be collected."""
    gc.disable()
    began = thread_time()
    try:
        yield
    finally:
        taken = thread_time() - began
        gc.enable()
    assert taken < seconds
