"""Who may say what, and in answer to what: the checks that look at a message beside the ones before it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from services.credentials.domain import Finding, Outcome
from services.messages.message import Acknowledgement, Cancellation, Claim, Kind, Message, Party, Rejection, Request

# The message that is answered and, when that is a claim, the request that the claim answers; as far as known.
Conversation = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """What a message says it answers. A request is named by its digest alone."""

    kind: Kind
    digest: bytes
    id: UUID | None = None


def link_of(message: Message) -> Link | None:
    match message.statement:
        case Request():
            return None
        case Claim(request_digest=digest) | Cancellation(request_digest=digest):
            return Link(Kind.REQUEST, digest)
        case Acknowledgement(claim_id=id, claim_digest=digest) | Rejection(claim_id=id, claim_digest=digest):
            return Link(Kind.CLAIM, digest, id)


def before(message: Message | None, find: Callable[[bytes], Message | None]) -> Conversation:
    """What the message answers, and what that answers, of what can be found by its digest."""
    found: list[Message] = []
    while message and len(found) < 2 and (link := link_of(message)) and (message := find(link.digest)):
        found.append(message)
    return tuple(found)


def check_link(message: Message, conversation: Conversation) -> Finding:
    """Whether what it answers is known, of the right kind and of the same session."""
    link = link_of(message)
    if link is None:
        return Outcome.PASS, "it opens the conversation"
    if not conversation:
        return Outcome.UNKNOWN, f"the {link.kind.name.lower()} that it answers is not known here"
    answered = conversation[0]
    if answered.kind is not link.kind or link.id not in (None, answered.id):
        return Outcome.FAIL, f"what it answers is not the {link.kind.name.lower()} that it names"
    if answered.session_id != message.session_id:
        return Outcome.FAIL, "what it answers belongs to another session"
    return Outcome.PASS, f"it answers a {link.kind.name.lower()} that is known here, letter for letter"


def check_authority(
    message: Message, conversation: Conversation, *, own: Collection[str], trusts_issuer: bool
) -> Finding:
    """Whether the issuer may make this statement: a party's own DID, or a trusted service for a party without one."""
    party: Party | None
    match message.statement:
        case Request(payee=payee):
            party = payee
        case Claim(payer=payer):
            party = payer
        case _:
            return _check_payee(message, conversation, own)
    if party and party.is_did:
        if party.identity == message.issuer:
            return Outcome.PASS, "the party signed for itself"
        return Outcome.FAIL, "it speaks for a party that signs for itself and did not"
    if trusts_issuer:
        return Outcome.PASS, "its issuer vouches for the party"
    return Outcome.UNKNOWN, "its issuer vouches for the party, and whether that counts depends on trusting the issuer"


def _check_payee(message: Message, conversation: Conversation, own: Collection[str]) -> Finding:
    request = _request_of(message, conversation)
    if request is None:
        return Outcome.UNKNOWN, "the request is not known here, so neither is who may answer as its payee"
    payee = request.payee.identity if request.payee.is_did else conversation[-1].issuer
    # A hosted payee stays the same when the service that speaks for it changes its key.
    if message.issuer == payee or (payee in own and message.issuer in own):
        return Outcome.PASS, "its issuer is the one that speaks for the payee"
    return Outcome.FAIL, "only the payee may say this, and its issuer is not the one that speaks for the payee"


def _request_of(message: Message, conversation: Conversation) -> Request | None:
    """The request that the conversation leads to, when every link on the way holds."""
    later = message
    for known in conversation:
        if check_link(later, (known,))[0] is not Outcome.PASS:
            return None
        later = known
    return later.statement if isinstance(later.statement, Request) else None
