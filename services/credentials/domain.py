"""The nouns: a signed message, and what became of checking one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, Self

from services.messages.message import Kind, Message


class Outcome(Enum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    # Could not be made with what is at hand. Never counts as a pass.
    UNKNOWN = "unknown"

    # Enum's own is a function in Python.
    __hash__ = object.__hash__


class KeyState(Enum):
    # Signs new credentials. Exactly one key is.
    CURRENT = "current"
    # Signs no new credential; what it signed still holds.
    RETIRED = "retired"
    # In other hands, or feared to be: whatever it signed, whenever, no longer holds.
    REVOKED = "revoked"


# How a check ended and why.
Finding = tuple[Outcome, str]

# What has to hold for a credential to be its issuer's statement, and what else for it to be acted on.
CHECKS_OF_VERIFIED = ("parse", "context", "schema", "signature", "key_control", "key_status")
CHECKS_OF_ACCEPTED = (*CHECKS_OF_VERIFIED, "validity_time", "issuer_authority", "link", "revocation", "trust")
# Of a credential that may state anything; who may state it, and in answer to what, is then for its reader to know.
CHECKS_OF_ANY_STATEMENT = (*CHECKS_OF_VERIFIED, "validity_time", "revocation", "trust")


class Check(NamedTuple):
    """One question asked of a credential; `detail` says in a sentence why it ended so."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every check in order. Verified is not accepted: a stranger's credential can be verified."""

    checks: tuple[Check, ...]
    # The checks that have to be there and pass.
    asked: tuple[str, ...] = CHECKS_OF_ACCEPTED
    # Those of them that may be unknown in what is accepted.
    may_be_unknown: frozenset[str] = frozenset()

    @property
    def verified(self) -> bool:
        return self._passes(CHECKS_OF_VERIFIED)

    @property
    def accepted(self) -> bool:
        names = {check.name for check in self.checks}
        return names.issuperset(self.asked) and all(
            check.outcome is Outcome.PASS or self._may_stay_unknown(check) for check in self.checks
        )

    def outcome_of(self, name: str) -> Outcome | None:
        return next((check.outcome for check in self.checks if check.name == name), None)

    def with_check(self, found: Check) -> Self:
        """The same verdict, where one check could be made after all."""
        return replace(self, checks=tuple(found if check.name == found.name else check for check in self.checks))

    def _passes(self, names: tuple[str, ...]) -> bool:
        passed = {check.name for check in self.checks if check.outcome is Outcome.PASS}
        return passed.issuperset(names)

    def _may_stay_unknown(self, check: Check) -> bool:
        return check.outcome is Outcome.UNKNOWN and check.name in self.may_be_unknown


@dataclass(frozen=True, slots=True)
class Credential:
    """A message as a W3C credential. `json` is in canonical form (RFC 8785), so equal content is equal bytes."""

    message_id: str
    session_id: str
    kind: Kind
    issuer: str
    digest: bytes
    json: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some credentials in the order of their message ids; an empty token says that these were the last."""

    credentials: tuple[Credential, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found. Message and digest are None unless the credential is one of Counterfoil's statements."""

    verdict: Verdict
    message: Message | None
    digest: bytes | None
