"""Verifying a presentation: credentials that their holder hands over on one occasion (VC Data Model 2.0, section 4.13).

The holder's proof is for authentication and names the verifier's challenge and domain, so that it serves nobody else
and only once. Each credential in it gets the verdict that it would get alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.credentials import contexts, data_model, proofs, reading
from services.credentials.control import check_control
from services.credentials.domain import Check, Finding, Outcome, Verdict
from services.credentials.proof_sets import Use, check_all, count_over_graphs
from services.credentials.reading import Reading
from services.credentials.verification import Circumstances, judge, key_status
from services.messages.canonical import read_json
from services.messages.document import Document
from services.messages.refusals import MalformedMessage

PRESENTATION_BYTES_MAX = 256 * 1024
CREDENTIALS_MAX = 16
PROOFS_OVER_GRAPHS_MAX = 16
CHECKS_OF_PRESENTATION = (
    "parse",
    "context",
    "schema",
    "signature",
    "key_control",
    "key_status",
    "challenge",
    "domain",
)
_PURPOSE = "authentication"
# A credential secured by JOSE stands in a presentation as a data: URL (VC Data Model 2.0, section 4.13.1).
_ENVELOPED = "EnvelopedVerifiableCredential"
_ENVELOPE = "data:application/vc+jwt,"
_NOT_READ: Finding = (Outcome.UNKNOWN, "there is nothing to check, since it could not be read")


@dataclass(frozen=True, slots=True)
class Presentation:
    """A presentation taken apart: `holding` as a credential would be, and the credentials in it."""

    holding: Reading
    credentials: tuple[Reading, ...] = ()

    @property
    def holder(self) -> str:
        """The DID that it names as its holder, or nothing."""
        return data_model.identity_of(self.holding.document.get("holder"))


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the verifier asked the holder for. Empty: the verifier asked for none, and the proof must name none."""

    challenge: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class PresentationVerdict(Verdict):
    """Verified: all its checks pass, and all its credentials are verified. Accepted: and all of them are accepted."""

    credentials: tuple[Verdict, ...] = field(default=())

    @property
    def verified(self) -> bool:
        return self._holds and all(each.verified for each in self.credentials)

    @property
    def accepted(self) -> bool:
        return self._holds and all(each.accepted for each in self.credentials)

    @property
    def _holds(self) -> bool:
        return self.asked == tuple(check.name for check in self.checks if check.outcome is Outcome.PASS)


def verify_presentation(text: str, challenge: str, domain: str, circumstances: Circumstances) -> PresentationVerdict:
    """The verdict on a presentation of JSON text; raises nothing, whatever the text is."""
    return judge_presentation(read_presentation(text), Occasion(challenge, domain), circumstances)


def read_presentation(text: str) -> Presentation:
    """Takes a presentation apart, so that what its keys and lists need can be looked up; raises nothing."""
    try:
        document, all_proofs = reading.split(read_json(text, PRESENTATION_BYTES_MAX))
        held = data_model.listed(document.get("verifiableCredential", []))
        if len(held) > CREDENTIALS_MAX:
            raise MalformedMessage(f"it holds more than {CREDENTIALS_MAX} credentials")
        holding = Reading("", document, all_proofs, digest=proofs.document_hash(document))
    except MalformedMessage as flaw:
        return Presentation(Reading(flaw.message))
    credentials = tuple(map(_read_held, held))
    if sum(count_over_graphs(each.proofs) for each in (holding, *credentials)) > PROOFS_OVER_GRAPHS_MAX:
        return Presentation(Reading(f"it holds more than {PROOFS_OVER_GRAPHS_MAX} proofs over graphs (-rdfc-)"))
    return Presentation(holding, credentials)


def judge_presentation(
    presentation: Presentation, occasion: Occasion, circumstances: Circumstances
) -> PresentationVerdict:
    """The verdict, with its checks in the order of the contract, and that of each credential."""
    unreadable = presentation.holding.unreadable
    parsed: Finding = (Outcome.FAIL, unreadable) if unreadable else (Outcome.PASS, "the presentation is well-formed")
    checks = [Check("parse", *parsed)]
    for name, check in _CHECKS.items():
        finding = _NOT_READ if unreadable else check(presentation, occasion, circumstances)
        checks.append(Check(name, *finding))
    held = tuple(judge(credential, circumstances, any_statement=True) for credential in presentation.credentials)
    return PresentationVerdict(tuple(checks), CHECKS_OF_PRESENTATION, credentials=held)


def _read_held(value: Any) -> Reading:
    if not isinstance(value, dict) or _ENVELOPED not in data_model.listed(value.get("type")):
        return reading.read_value(value)
    envelope = value.get("id")
    if not isinstance(envelope, str) or not envelope.startswith(_ENVELOPE):
        return Reading(f"its credential is in an envelope of a kind not read here; it takes {_ENVELOPE}...")
    if value.keys() - {"@context", "id", "type"}:
        return Reading("its credential is in an envelope that says something itself, which its issuer did not sign")
    return reading.read(envelope.removeprefix(_ENVELOPE))


def _context(presentation: Presentation, _: Occasion, __: Circumstances) -> Finding:
    # Those of the credentials in it are theirs, and are checked with them.
    flaw = contexts.flaw(_without_credentials(presentation.holding.document))
    return (Outcome.FAIL, flaw) if flaw else (Outcome.PASS, "its terms mean what contexts known here say")


def _schema(presentation: Presentation, _: Occasion, __: Circumstances) -> Finding:
    flaw = data_model.flaw_of_presentation(presentation.holding.document)
    return (Outcome.FAIL, flaw) if flaw else (Outcome.PASS, "it is a presentation of the VC Data Model 2.0")


def _signature(presentation: Presentation, _: Occasion, circumstances: Circumstances) -> Finding:
    holding, use = presentation.holding, Use(circumstances.now, _PURPOSE, on_occasion=True)
    return check_all(holding.document, holding.digest, holding.proofs, circumstances.methods, use)


def _key_control(presentation: Presentation, _: Occasion, circumstances: Circumstances) -> Finding:
    named = presentation.holding.verification_methods
    return check_control("holder", presentation.holder, named, _PURPOSE, circumstances.methods)


def _key_status(presentation: Presentation, _: Occasion, circumstances: Circumstances) -> Finding:
    return key_status(presentation.holding, circumstances)


def _challenge(presentation: Presentation, occasion: Occasion, _: Circumstances) -> Finding:
    named = [proof.get("challenge", "") for proof in presentation.holding.proofs]
    if any(each != occasion.challenge for each in named):
        return Outcome.FAIL, "it was not made for this challenge; ask the holder to answer the one you gave"
    return (
        Outcome.PASS,
        "it answers this challenge" if occasion.challenge else "no challenge was given, and none is named",
    )


def _domain(presentation: Presentation, occasion: Occasion, _: Circumstances) -> Finding:
    """A proof may name several domains (VC Data Integrity 1.0, section 2.1); then this verifier's is one of them."""
    named = [proof.get("domain", "") for proof in presentation.holding.proofs]
    if not all(
        each == occasion.domain or (occasion.domain and occasion.domain in data_model.listed(each)) for each in named
    ):
        return Outcome.FAIL, "it was not made for this verifier's domain; somebody may be passing it on"
    return Outcome.PASS, "it was made for this domain" if occasion.domain else "no domain was given, and none is named"


def _without_credentials(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "verifiableCredential"}


_CHECKS: dict[str, Callable[[Presentation, Occasion, Circumstances], Finding]] = {
    "context": _context,
    "schema": _schema,
    "signature": _signature,
    "key_control": _key_control,
    "key_status": _key_status,
    "challenge": _challenge,
    "domain": _domain,
}
