"""A message and what its proof adds to it; the credential that the frozen template makes of them, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.codec.place import Place, from_status, to_status
from services.messages import multibase
from services.messages.document import CONTEXT, Document, from_document, to_document, to_timestamp, without_security
from services.messages.message import Message
from services.messages.refusals import FormatNotSupported, MalformedMessage
from services.messages.secured import Secured
from services.runtime.refusals import Refusal

# The number of a suite, its name, the multicodec prefix of its did:key and the size of the key.
SUITES = {1: ("eddsa-jcs-2022", b"\xed\x01", 32), 2: ("ecdsa-jcs-2019", b"\x80\x24", 33)}
SIGNATURE_BYTES = 64
_SECURITY = ("credentialStatus", "proof")
_SUITE_OF = {name: number for number, (name, _, _) in SUITES.items()}


class DoesNotFit(Exception):
    """A credential, or a conversation, that COMPACT cannot hold exactly."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A message, and what secures it."""

    message: Message
    suite: int
    # The issuer's verification method; for a did:key its one key.
    method: str
    signature: bytes
    place: Place | None = None


def from_credential(vc: Document) -> Signed:
    """Raises DoesNotFit, or what `packing` makes that of, unless `to_credential` gives just this credential."""
    proof, status = vc["proof"], vc.get("credentialStatus")
    signed = Signed(
        from_document(without_security(vc)),
        _SUITE_OF[proof["cryptosuite"]],
        proof["verificationMethod"],
        multibase.decode(proof["proofValue"], SIGNATURE_BYTES),
        from_status(status) if status is not None else None,
    )
    # `from_document` has compared all the rest, and a signature has one spelling.
    if {name: vc[name] for name in _SECURITY if name in vc} != _to_security(signed, proof["proofValue"]):
        raise DoesNotFit
    return signed


def from_parts(made: Secured) -> Signed:
    """What `from_credential` finds in the credential made of these."""
    place = from_status(made.status) if made.status is not None else None
    if place and to_status(place) != made.status:
        raise DoesNotFit
    return Signed(made.message, _SUITE_OF[made.cryptosuite], made.verification_method, made.signature, place)


def to_credential(signed: Signed) -> Document:
    return {**to_document(signed.message), **_to_security(signed, multibase.encode(signed.signature))}


def _to_security(signed: Signed, proof_value: str) -> Document:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITES[signed.suite][0],
        "created": to_timestamp(signed.message.issued_at),
        "verificationMethod": signed.method,
        "proofPurpose": "assertionMethod",
        "@context": list(CONTEXT),
        "proofValue": proof_value,
    }
    return {"credentialStatus": to_status(signed.place), "proof": proof} if signed.place else {"proof": proof}


@contextmanager
def packing() -> Iterator[None]:
    """Whatever goes wrong while packing means that it does not fit."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Refusal) as error:
        raise DoesNotFit from error


@contextmanager
def unpacking() -> Iterator[None]:
    """Whatever goes wrong while unpacking means that no writer wrote it. Raises MalformedMessage."""
    try:
        yield
    except (MalformedMessage, FormatNotSupported):
        raise
    except (DoesNotFit, KeyError, ValueError, OverflowError, Refusal) as error:
        raise MalformedMessage("its fields cannot be read") from error


def check_same(written: bytes, packed: bytes) -> None:
    """There is one way to write. Raises MalformedMessage."""
    if written != packed:
        raise MalformedMessage("it is written in another way than the one there is")
