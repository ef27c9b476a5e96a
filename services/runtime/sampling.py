"""Which calls are traced: so many a second, since a traced call takes almost three times as much work as another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

# All calls of a quiet server, and of a busy one enough to see where their time goes.
A_SECOND = 2
# Anybody who may call may say that the call is to be traced.
OF_STRANGERS_A_SECOND = 10


class AtMost(Sampler):
    """So many traces a second; what one second leaves is not for the next."""

    def __init__(self, a_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._clock = clock
        self._until = 0.0
        self._left = 0

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        now = self._clock()
        if now >= self._until:
            self._until, self._left = now + 1, self._a_second
        if not self._left:
            return _DROPPED
        self._left -= 1
        return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes, trace_state)

    @property
    def is_spent(self) -> bool:
        """Whether a call that came now would not be traced."""
        return not self._left and self._clock() < self._until

    def get_description(self) -> str:
        return f"AtMost{{{self._a_second}}}"


_DROPPED = SamplingResult(Decision.DROP)


class Following(ParentBased):
    """Follows what the caller decided; where strangers call, as far as it goes."""

    def __init__(self, *, public: bool) -> None:
        self.of_nobody = AtMost(A_SECOND)
        if public:
            super().__init__(self.of_nobody, remote_parent_sampled=AtMost(OF_STRANGERS_A_SECOND))
        else:
            super().__init__(self.of_nobody)
