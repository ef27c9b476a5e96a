"""Verifying a credential: one question after another, each answered whatever became of those before it.

Pure: what has to be looked up is handed in. Whatever the text is, the outcome is a verdict and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.credentials import contexts, data_model, jose, proofs
from services.credentials.control import check_control
from services.credentials.conversation import Conversation, check_authority, check_link
from services.credentials.domain import CHECKS_OF_ACCEPTED, CHECKS_OF_ANY_STATEMENT, Check, Finding, Outcome, Verdict
from services.credentials.intrinsic import Intrinsic
from services.credentials.methods import Methods, NoSuchMethod, OutOfReach
from services.credentials.proof_sets import ONE_HOLDS, Use, check_all
from services.credentials.reading import Reading
from services.credentials.validity import check_validity

_NOT_READ: Finding = (Outcome.UNKNOWN, "there is nothing to check, since it could not be read")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a verdict depends on besides the credential itself; nothing of it is taken from the credential."""

    now: datetime
    # The issuers whose keys this service holds or held.
    own: Collection[str] = ()
    # The other issuers whose statements are accepted. Empty: nobody has said.
    trusted: Collection[str] = ()
    conversation: Conversation = ()
    # The verification methods of this service's keys that were revoked.
    revoked_keys: Collection[str] = ()
    # Where the keys are found that proofs name.
    methods: Methods = field(default_factory=Intrinsic)
    # What the status lists at hand say, by the digests of the credentials.
    revocations: Mapping[bytes, Finding] = field(default_factory=dict)
    # The checks that may be unknown in what is accepted.
    accept_unknown: frozenset[str] = frozenset()


def judge(reading: Reading, circumstances: Circumstances, any_statement: bool = False) -> Verdict:
    """The verdict, with its checks in the order of the contract.

    Of any statement, not only Counterfoil's, the data model is asked for, and not who may make it in answer to what.
    """
    asked = _CHECKS_OF_ANY_STATEMENT if any_statement else _CHECKS
    checks = [Check("parse", *_parse(reading))]
    for name, check in asked.items():
        finding = _NOT_READ if reading.unreadable else check(reading, circumstances)
        checks.append(Check(name, *finding))
    expected = CHECKS_OF_ANY_STATEMENT if any_statement else CHECKS_OF_ACCEPTED
    return Verdict(tuple(checks), expected, circumstances.accept_unknown)


def _parse(reading: Reading) -> Finding:
    if reading.unreadable:
        return Outcome.FAIL, reading.unreadable
    return Outcome.PASS, "the credential is well-formed"


def _context(reading: Reading, _: Circumstances) -> Finding:
    if reading.has_known_context:
        return Outcome.PASS, "its terms mean what Counterfoil means by them"
    return Outcome.FAIL, "its contexts are not exactly Counterfoil's, so its words may mean something else"


def _schema(reading: Reading, _: Circumstances) -> Finding:
    if reading.message:
        kind = reading.message.kind.name.lower()
        return Outcome.PASS, f"it is {'an' if kind[0] == 'a' else 'a'} {kind}"
    if not reading.has_known_context:
        return Outcome.UNKNOWN, "with other contexts it cannot be told what it states"
    return Outcome.FAIL, reading.not_a_statement


def _context_of_any(reading: Reading, _: Circumstances) -> Finding:
    flaw = contexts.flaw(reading.document)
    return (Outcome.FAIL, flaw) if flaw else (Outcome.PASS, "its terms mean what contexts known here say")


def _schema_of_any(reading: Reading, _: Circumstances) -> Finding:
    flaw = data_model.flaw_of_credential(reading.document)
    return (Outcome.FAIL, flaw) if flaw else (Outcome.PASS, "it is a credential of the VC Data Model 2.0")


def _signature(reading: Reading, circumstances: Circumstances) -> Finding:
    if reading.signed_here:
        return Outcome.PASS, ONE_HOLDS
    if reading.jws is None:
        use = Use(circumstances.now)
        return check_all(reading.document, reading.digest, reading.proofs, circumstances.methods, use)
    try:
        jose.check(reading.document, reading.jws, circumstances.methods)
    except (proofs.ProofFails, NoSuchMethod) as failure:
        return Outcome.FAIL, str(failure)
    except OutOfReach as limit:
        return Outcome.UNKNOWN, str(limit)
    return Outcome.PASS, ONE_HOLDS


def _key_control(reading: Reading, circumstances: Circumstances) -> Finding:
    named = reading.verification_methods
    return check_control("issuer", reading.issuer, named, "assertionMethod", circumstances.methods)


def key_status(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.controller:
        return Outcome.UNKNOWN, "it does not say with which key it was signed"
    if any(method in circumstances.revoked_keys for method in reading.verification_methods):
        return Outcome.FAIL, "the key was revoked, so anybody may have signed this; ask the issuer for a new credential"
    if reading.controller.startswith(("did:key:", "did:jwk:")):
        if reading.controller in circumstances.own:
            return Outcome.PASS, "the key is this service's own and was not revoked"
        return Outcome.PASS, "a DID that is its own key cannot revoke it"
    try:
        for method in reading.verification_methods:
            circumstances.methods.find(method)
    except NoSuchMethod:
        return Outcome.FAIL, "the DID document of its signer does not list that key, or no longer"
    except OutOfReach as limit:
        return Outcome.UNKNOWN, str(limit)
    return Outcome.PASS, "the DID document of its signer lists the key"


def _validity_time(reading: Reading, circumstances: Circumstances) -> Finding:
    return check_validity(reading, circumstances.now)


def _issuer_authority(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.message:
        return Outcome.UNKNOWN, "what it states could not be read"
    trusts = _trust(reading, circumstances)[0] is Outcome.PASS
    return check_authority(reading.message, circumstances.conversation, own=circumstances.own, trusts_issuer=trusts)


def _link(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.message:
        return Outcome.UNKNOWN, "what it states could not be read"
    return check_link(reading.message, circumstances.conversation)


def _revocation(reading: Reading, circumstances: Circumstances) -> Finding:
    if "credentialStatus" not in reading.document:
        return Outcome.PASS, "it names no list of revoked credentials, so its issuer does not revoke it"
    unknown = Outcome.UNKNOWN, "it names a list of revoked credentials, which is not at hand"
    return circumstances.revocations.get(reading.digest, unknown)


def _trust(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.issuer:
        return Outcome.UNKNOWN, "it does not say who issued it"
    if reading.issuer in circumstances.own:
        return Outcome.PASS, "this service issued it"
    if reading.issuer in circumstances.trusted:
        return Outcome.PASS, "its issuer is one that this service accepts"
    if circumstances.trusted:
        return Outcome.FAIL, "its issuer is not one that this service accepts (COUNTERFOIL_TRUSTED_ISSUERS)"
    return Outcome.UNKNOWN, "whether its issuer is to be trusted is for you to say; compare its DID with one you know"


_CHECKS: dict[str, Callable[[Reading, Circumstances], Finding]] = {
    "context": _context,
    "schema": _schema,
    "signature": _signature,
    "key_control": _key_control,
    "key_status": key_status,
    "validity_time": _validity_time,
    "issuer_authority": _issuer_authority,
    "link": _link,
    "revocation": _revocation,
    "trust": _trust,
}
_CHECKS_OF_ANY_STATEMENT = {
    name: check
    for name, check in {**_CHECKS, "context": _context_of_any, "schema": _schema_of_any}.items()
    if name in CHECKS_OF_ANY_STATEMENT
}
