"""What the clients were told: every call that was answered, and every call that they gave up on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from counterfoil.credentials.v1.credential_pb2 import Credential
from counterfoil.payments.v1 import payments_service_pb2 as pb

# How often, in a ledger's codes; the others are those of failed calls.
ANSWERED = "OK"


@dataclass(frozen=True)
class Told:
    """One call, and its answer."""

    method: str
    request: Any
    answer: Any

    @property
    def request_id(self) -> str:
        return str(self.request.request_id)

    @property
    def credential(self) -> Credential:
        return self.answer.receipt if self.method == "AcknowledgePayment" else self.answer.credential  # type: ignore[no-any-return]

    def is_answered_by(self, again: Any) -> bool:
        """Whether a repeated call got the same bytes, but for what is as of now: the session and the verdict."""
        return _lasting(self.answer) == _lasting(again)


@dataclass
class Conversation:
    """One session, in the order in which its clients heard of it."""

    told: list[Told] = field(default_factory=list)
    # Calls that may or may not have taken effect.
    in_doubt: list[Any] = field(default_factory=list)

    @property
    def opened(self) -> pb.RequestPaymentResponse:
        answer = self.told[0].answer
        assert isinstance(answer, pb.RequestPaymentResponse)
        return answer

    @property
    def id(self) -> str:
        return self.opened.session.id


@dataclass
class Watched:
    """The ids of a session's messages, in the order in which one watcher was told of them."""

    session_id: str
    message_ids: list[str] = field(default_factory=list)


@dataclass
class Ledger:
    conversations: list[Conversation] = field(default_factory=list)
    # Requests that nobody was told the session of, or not yet.
    unopened: list[pb.RequestPaymentRequest] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    watched: list[Watched] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.codes.total()

    def find(self, finding: str) -> None:
        """The same thing is found once."""
        if finding not in self.findings:
            self.findings.append(finding)


def _lasting(answer: Any) -> bytes:
    copy = type(answer)()
    copy.CopyFrom(answer)
    copy.ClearField("session")
    if isinstance(copy, pb.AcknowledgePaymentResponse):
        copy.ClearField("verdict")
    return bytes(copy.SerializeToString(deterministic=True))
