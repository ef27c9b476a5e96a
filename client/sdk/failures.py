"""How a call ends when it does not end well: a sentence for people and a reason for programs."""

from __future__ import annotations

from collections.abc import Mapping


class Failure(Exception):
    """`reason` is one of docs/errors.md, or the name of the gRPC code where the other side gave none."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(f"{sentence} [{reason}]")
        self.sentence = sentence
        self.reason = reason


class Refused(Failure):
    """No, and again no however often it is asked. `field` names the field that is wrong, where one is."""

    def __init__(self, sentence: str, reason: str, field: str = "", metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence, reason)
        self.field = field
        self.metadata = dict(metadata or {})


class NotReachable(Failure):
    """No answer, after several tries: the call may have taken effect or not.

    With the same `request_id` it is safe to make again; empty for a call that changes nothing.
    """

    def __init__(self, sentence: str, reason: str, request_id: str = "") -> None:
        super().__init__(sentence, reason)
        self.request_id = request_id


class Fault(Failure):
    """An error of the server's. `trace` finds it in the server's log."""

    def __init__(self, sentence: str, reason: str, trace: str = "") -> None:
        super().__init__(sentence, reason)
        self.trace = trace


class UnusablePins(ValueError):
    """A directory that is not one of DID documents; the sentence names the file."""
