"""Verifying a credential: one question after another, each answered whatever became of those before it.

Pure: what has to be looked up is handed in. Whatever the text is, the outcome is a verdict and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.credentials import did_key, proofs
from services.credentials.conversation import Conversation, check_authority, check_link
from services.credentials.domain import Check, Finding, Outcome, Verdict
from services.credentials.reading import Reading
from services.messages.document import from_timestamp

# How far clocks of honest people are apart.
SKEW = timedelta(minutes=5)


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


def judge(reading: Reading, circumstances: Circumstances) -> Verdict:
    """The verdict, with its checks in the order of the contract."""
    checks = [Check("parse", *_parse(reading))]
    for name, check in _CHECKS.items():
        finding = _NOT_READ if reading.unreadable else check(reading, circumstances)
        checks.append(Check(name, *finding))
    return Verdict(tuple(checks))


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


def _signature(reading: Reading, _: Circumstances) -> Finding:
    try:
        proofs.check(reading.document, reading.digest, reading.proof)
    except proofs.ProofFails as failure:
        return Outcome.FAIL, str(failure)
    except proofs.KeyOutOfReach as limit:
        return Outcome.UNKNOWN, str(limit)
    return Outcome.PASS, "the key it names signed exactly this text"


def _key_control(reading: Reading, _: Circumstances) -> Finding:
    if not reading.issuer or not reading.controller:
        return Outcome.UNKNOWN, "it does not say who issued it or with which key"
    if reading.controller != reading.issuer:
        return Outcome.FAIL, "it was signed with somebody else's key than that of the issuer it names"
    if not reading.controller.startswith("did:key:"):
        return Outcome.UNKNOWN, "which keys its issuer has cannot be found out here"
    if reading.proof["verificationMethod"] != did_key.to_verification_method(reading.controller):
        return Outcome.FAIL, "the key it names is not the one that its issuer's DID is"
    return Outcome.PASS, "the key is the issuer's"


def _key_status(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.controller:
        return Outcome.UNKNOWN, "it does not say with which key it was signed"
    if reading.proof["verificationMethod"] in circumstances.revoked_keys:
        return Outcome.FAIL, "the key was revoked, so anybody may have signed this; ask the issuer for a new credential"
    if reading.controller in circumstances.own:
        return Outcome.PASS, "the key is this service's own and was not revoked"
    if reading.controller.startswith("did:key:"):
        return Outcome.PASS, "a did:key cannot be revoked"
    return Outcome.UNKNOWN, "whether this key is still good cannot be found out here"


def _validity_time(reading: Reading, circumstances: Circumstances) -> Finding:
    begins_at, ends_at = _time(reading, "validFrom"), _time(reading, "validUntil")
    if begins_at is None or (ends_at is None and "validUntil" in reading.document):
        return Outcome.UNKNOWN, "it does not say from when until when it holds"
    latest = max(begins_at, proofs.created_at(reading.proof) or begins_at)
    if latest > circumstances.now + SKEW:
        return Outcome.FAIL, "it is dated in the future; compare your clock with the sender's"
    if ends_at is not None and ends_at <= circumstances.now:
        return Outcome.FAIL, f"it expired at {reading.document['validUntil']}; ask the sender for a new one"
    return Outcome.PASS, "it holds at this time"


def _time(reading: Reading, name: str) -> datetime | None:
    try:
        return from_timestamp(reading.document[name])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _issuer_authority(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.message:
        return Outcome.UNKNOWN, "what it states could not be read"
    trusts = _trust(reading, circumstances)[0] is Outcome.PASS
    return check_authority(reading.message, circumstances.conversation, own=circumstances.own, trusts_issuer=trusts)


def _link(reading: Reading, circumstances: Circumstances) -> Finding:
    if not reading.message:
        return Outcome.UNKNOWN, "what it states could not be read"
    return check_link(reading.message, circumstances.conversation)


def _revocation(reading: Reading, _: Circumstances) -> Finding:
    if "credentialStatus" in reading.document:
        return Outcome.UNKNOWN, "it names a list of revoked credentials, which is not read here"
    return Outcome.PASS, "credentials of this kind are not revoked; a payee takes a request back with a cancellation"


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
    "key_status": _key_status,
    "validity_time": _validity_time,
    "issuer_authority": _issuer_authority,
    "link": _link,
    "revocation": _revocation,
    "trust": _trust,
}
