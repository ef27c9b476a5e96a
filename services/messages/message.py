"""The messages of the conversation. An instance is always valid: what breaks a rule is refused on construction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

from services.messages.money import Money
from services.messages.refusals import InvalidField, InvalidText
from services.messages.text import one_line

HANDLE_BYTES_MAX = 128
DESCRIPTION_BYTES_MAX = 512
EVIDENCE_BYTES_MAX = 512
REASON_BYTES_MAX = 256
METHOD_BYTES_MAX = 64
METHODS_MAX = 8
DETAILS_MAX = 8
DETAIL_BYTES_MAX = 256
# Together, so that every message fits a QR code, whatever it says.
TEXTS_BYTES_MAX = 1024
DID_BYTES_MAX = 256

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+", re.ASCII)
_DETAIL_KEY = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)


class Kind(Enum):
    """What a message says. The values are the user-visible names of the CLASSIC format."""

    REQUEST = "request"
    CLAIM = "sent"
    ACKNOWLEDGEMENT = "received"
    REJECTION = "rejected"
    CANCELLATION = "cancelled"

    # Every message is looked up by it several times, and Enum's own is a function in Python.
    __hash__ = object.__hash__


def check_did(value: str, field: str) -> str:
    if len(value) > DID_BYTES_MAX or not _DID.fullmatch(value):
        raise InvalidField(f'{field}: not a DID; it looks like "did:key:z6Mk..."', field=field)
    return value


def whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a DID of their own, or a name in free text."""

    identity: str

    @property
    def is_did(self) -> bool:
        return self.identity.startswith("did:")

    @classmethod
    def did(cls, value: str, field: str) -> Party:
        return cls(check_did(value, f"{field}.did"))

    @classmethod
    def handle(cls, value: str, field: str) -> Party:
        if value.lower().startswith("did:"):
            raise InvalidText(f"{field}.handle: looks like a DID; choose a name", field=f"{field}.handle")
        return cls(one_line(value, f"{field}.handle", HANDLE_BYTES_MAX))


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    method: str
    details: Mapping[str, str]

    def __post_init__(self) -> None:
        one_line(self.method, "methods.method", METHOD_BYTES_MAX)
        if len(self.details) > DETAILS_MAX:
            raise InvalidField(f"methods.details: at most {DETAILS_MAX} entries", field="methods.details")
        for key, value in self.details.items():
            if not _DETAIL_KEY.fullmatch(key) or key == "method":
                raise InvalidField(
                    'methods.details: keys are lower-case letters, digits and underscores, and never "method"',
                    field="methods.details",
                )
            one_line(value, f"methods.details.{key}", DETAIL_BYTES_MAX)


@dataclass(frozen=True, slots=True)
class Request:
    payee: Party
    amount: Money
    description: str
    methods: tuple[PaymentMethod, ...]
    expires_at: datetime

    kind = Kind.REQUEST

    def __post_init__(self) -> None:
        one_line(self.description, "description", DESCRIPTION_BYTES_MAX, empty=True)
        names = {method.method for method in self.methods}
        if len(self.methods) > METHODS_MAX or len(names) != len(self.methods):
            raise InvalidField(f"methods: at most {METHODS_MAX}, each with a name of its own", field="methods")
        texts = [self.payee.identity, self.description]
        for method in self.methods:
            texts += [method.method, *method.details, *method.details.values()]
        size = len("".join(texts).encode())
        if size > TEXTS_BYTES_MAX:
            raise InvalidText(
                f"methods: the texts of the request are {size} bytes together; give at most {TEXTS_BYTES_MAX}, "
                "so that the request fits a QR code",
                field="methods",
            )


@dataclass(frozen=True, slots=True)
class Claim:
    request_digest: bytes
    amount: Money
    payer: Party | None = None
    evidence: str | None = None
    method: str | None = None
    custom_method: str | None = None

    kind = Kind.CLAIM

    def __post_init__(self) -> None:
        _check_digest(self.request_digest)
        if self.evidence is not None:
            one_line(self.evidence, "evidence", EVIDENCE_BYTES_MAX)
        for name, method in (("method", self.method), ("custom_method", self.custom_method)):
            if method is not None:
                one_line(method, name, METHOD_BYTES_MAX)
        if self.method is not None and self.custom_method is not None:
            raise InvalidField("method: give either method or custom_method", field="method")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    claim_id: UUID
    claim_digest: bytes
    amount: Money

    kind = Kind.ACKNOWLEDGEMENT

    def __post_init__(self) -> None:
        _check_digest(self.claim_digest)


@dataclass(frozen=True, slots=True)
class Rejection:
    claim_id: UUID
    claim_digest: bytes
    reason: str = ""

    kind = Kind.REJECTION

    def __post_init__(self) -> None:
        _check_digest(self.claim_digest)
        one_line(self.reason, "reason", REASON_BYTES_MAX, empty=True)


@dataclass(frozen=True, slots=True)
class Cancellation:
    request_digest: bytes
    reason: str = ""

    kind = Kind.CANCELLATION

    def __post_init__(self) -> None:
        _check_digest(self.request_digest)
        one_line(self.reason, "reason", REASON_BYTES_MAX, empty=True)


Statement = Request | Claim | Acknowledgement | Rejection | Cancellation


@dataclass(frozen=True)
class Message:
    """One statement of one party, signed or about to be. Instants are whole seconds in UTC.

    Without slots: what is made of a message again and again is kept in its `__dict__`.
    """

    id: UUID
    session_id: UUID
    issuer: str
    issued_at: datetime
    statement: Statement
    # The ids as they are written, which a record, a credential, a row and a line of the log all need.
    id_text: str = field(init=False, repr=False, compare=False)
    session_text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_did(self.issuer, "issuer")
        assert self.issued_at.tzinfo
        assert not self.issued_at.microsecond
        object.__setattr__(self, "id_text", str(self.id))
        object.__setattr__(self, "session_text", str(self.session_id))

    @property
    def kind(self) -> Kind:
        return self.statement.kind

    @property
    def urn(self) -> str:
        """The `id` of its credential."""
        return f"urn:uuid:{self.id_text}"


def _check_digest(value: bytes) -> None:
    if len(value) != 32:
        raise InvalidField("digest: give the 32 bytes of a SHA-256 digest", field="digest")
