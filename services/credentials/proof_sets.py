"""All proofs of a document together: sets, where each signs the document, and chains, where one signs others too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.credentials import data_model, proofs, rdfc, suites, timestamps
from services.credentials.domain import Finding, Outcome
from services.credentials.methods import Methods, NoSuchMethod, OutOfReach
from services.messages.document import Document

ONE_HOLDS = "the key it names signed exactly this text"
PROOFS_MAX = 8
# Putting a graph in order takes a hundred times as long as the rest.
PROOFS_OVER_GRAPHS_MAX = 4


@dataclass(frozen=True, slots=True)
class Use:
    """What the proofs are looked at for. A proof for another purpose, or one that is over, is none for this."""

    now: datetime
    purpose: str = "assertionMethod"
    # A presentation is made for one occasion. A credential is for everybody: one that names a challenge or a domain was
    # made for somebody else, and must not look as if that were honoured.
    on_occasion: bool = False


def check_all(
    document: Document, sha256: bytes, all_proofs: tuple[Document, ...], methods: Methods, use: Use
) -> Finding:
    """Every proof there is must hold; `sha256` is the hash of the document without them."""
    if count_over_graphs(all_proofs) > PROOFS_OVER_GRAPHS_MAX:
        return Outcome.FAIL, f"it has more than {PROOFS_OVER_GRAPHS_MAX} proofs over graphs (-rdfc-)"
    unknown = ""
    for proof in all_proofs:
        try:
            _check_use(proof, use)
            _check(document, sha256, proof, all_proofs, methods)
        except (proofs.ProofFails, NoSuchMethod) as failure:
            return Outcome.FAIL, str(failure)
        except (OutOfReach, rdfc.NotInstalled) as limit:
            unknown = str(limit)
    if unknown:
        return Outcome.UNKNOWN, unknown
    if len(all_proofs) > 1:
        return Outcome.PASS, f"the keys it names signed exactly this text; all {len(all_proofs)} proofs hold"
    return Outcome.PASS, ONE_HOLDS


def count_over_graphs(all_proofs: tuple[Document, ...]) -> int:
    """How many of them are the dear ones."""
    return sum(proof.get("cryptosuite") in suites.RDFC for proof in all_proofs)


def _check_use(proof: Document, use: Use) -> None:
    if proof.get("proofPurpose") != use.purpose:
        raise proofs.ProofFails(f"the signature was made for another purpose than this ({use.purpose})")
    if not use.on_occasion and not proof.keys().isdisjoint({"challenge", "domain"}):
        raise proofs.ProofFails("the proof was made for one verifier or one occasion (challenge, domain), not for this")
    if "expires" in proof and _time(proof["expires"]) <= use.now:
        raise proofs.ProofFails(f"the proof expired at {proof['expires']} by its own account")


def _check(
    document: Document, sha256: bytes, proof: Document, all_proofs: tuple[Document, ...], methods: Methods
) -> None:
    """VC Data Integrity 1.0, section 4.5: the proofs that come before one are part of what it signs."""
    if "previousProof" not in proof:
        proofs.check(document, sha256, proof, methods)
        return
    signed = {**document, "proof": _previous(proof, all_proofs)}
    proofs.check(signed, proofs.document_hash(signed), proof, methods)


def _previous(proof: Document, all_proofs: tuple[Document, ...]) -> list[Document]:
    """Those that it names, in the order in which the document has them."""
    named = data_model.listed(proof["previousProof"])
    others = [each for each in all_proofs if each is not proof and isinstance(each.get("id"), str)]
    found = [each for each in others if each["id"] in named]
    # Each is there, and once.
    if not found or len(found) != len(named) or len({each["id"] for each in found}) != len(named):
        raise proofs.ProofFails("the proofs that come before another (previousProof) are not there, each once")
    return found


def _time(value: Any) -> datetime:
    try:
        return timestamps.read(value)
    except ValueError:
        raise proofs.ProofFails("the proof's dates are none, such as 2026-01-31T12:00:00Z") from None
