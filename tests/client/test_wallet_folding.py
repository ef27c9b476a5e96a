"""A wallet folds what has arrived: any order, any number of times, and the same sessions as a server."""

from __future__ import annotations

import random
from math import inf
from time import process_time
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.wallet.conversation import Conversation, conversation
from client.wallet.servicer import LocalWallet
from client.wallet.taking import take
from counterfoil.payments.v1 import payments_service_pb2 as pb
from services.sessions.domain import Recorded
from tests.client.wallets import PASSPHRASE, Person
from tests.conversations import HOST, STRANGER, a_request, eur
from tests.conversations import Conversation as Talk
from tests.gateway.conftest import Gate, gate, money  # noqa: F401
from tests.sessions.test_domain import conversations


def seen(found: Conversation) -> tuple[Any, ...]:
    waiting = {each.digest for each in found.waiting}
    aside = {(each.digest, flaw) for each, flaw in found.aside}
    return found.sessions, waiting, aside, found.equivocations


@st.composite
def heard(draw: st.DrawFn) -> list[Recorded]:
    """A conversation, with a second request under its session, of which some has not arrived."""
    talk = draw(conversations())
    if draw(st.booleans()):
        talk.at = talk.messages[0].message.issued_at
        talk.say(a_request(eur("999")), issuer=draw(st.sampled_from([HOST, STRANGER])))
    return draw(st.lists(st.sampled_from(talk.messages), min_size=1))


parties = st.sampled_from([HOST, STRANGER, "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"])


@given(heard(), heard(), parties, st.data())
def test_hearing_is_commutative_associative_and_idempotent(
    some: list[Recorded], more: list[Recorded], did: str, data: st.DataObject
):
    together = data.draw(st.permutations([*some, *more, *some]))
    session_id = some[0].message.session_id
    once = [each for each in [*some, *more] if each.message.session_id == session_id]
    again = [each for each in together if each.message.session_id == session_id]

    assert seen(conversation(again, did)) == seen(conversation(once, did))


@given(heard(), parties)
def test_every_message_counts_waits_or_has_a_reason_and_only_one_of_these(messages: list[Recorded], did: str):
    found = conversation(messages, did)
    counted = {
        message.id.bytes + message.issuer.encode()
        for session in found.sessions
        for message in [
            session.opening.message,
            *(state.claim.message for state in session.claims),
            *(state.answer for state in session.claims if state.answer),
            *([session.cancellation] if session.cancellation else []),
        ]
    }
    elsewhere = [*found.waiting, *(each for each, _ in found.aside)]

    assert len({each.digest for each in elsewhere}) == len(elsewhere)
    assert len(counted) + len(elsewhere) == len({each.digest for each in messages})


@given(heard(), parties)
def test_what_is_paid_never_depends_on_who_looks(messages: list[Recorded], did: str):
    """Whose wallet it is decides which session is shown first, and nothing else."""
    mine, theirs = conversation(messages, did), conversation(messages, HOST)

    assert {each.opening.digest: each for each in mine.sessions} == {
        each.opening.digest: each for each in theirs.sessions
    }
    assert seen(mine)[1:] == seen(theirs)[1:]


@pytest.fixture
def reader(ana: Person) -> LocalWallet:
    """A wallet that nobody speaks with, for what a server has recorded."""
    return LocalWallet(ana.wallet, lambda: PASSPHRASE)


async def _said(gate: Gate, chance: random.Random) -> tuple[str, list[str]]:  # noqa: F811
    """A hosted conversation at random: its session and all its texts."""
    request = await gate.request()
    session, texts, claims = request.session.id, [request.text], []
    for _ in range(chance.randint(2, 8)):
        act = chance.choice("cccaarx")
        amount = f"{chance.randint(1, 9000) / 100:.2f}"
        try:
            if act == "c":
                made = await gate.claim(session, amount)
                claims.append(made)
            elif act == "a" and claims:
                received = money(amount) if chance.random() < 0.5 else None
                made = await gate.acknowledge(request.payee_token, chance.choice(claims).text, received_amount=received)
            elif act == "r" and claims:
                made = await gate.stub.RejectClaim(
                    pb.RejectClaimRequest(
                        payee_token=request.payee_token,
                        session_id=session,
                        claim_id=chance.choice(claims).credential.message_id,
                    )
                )
            elif act == "x":
                made = await gate.stub.CancelRequest(
                    pb.CancelRequestRequest(payee_token=request.payee_token, session_id=session)
                )
            else:
                continue
        except grpc.aio.AioRpcError:  # What the server refuses is said by nobody.
            continue
        texts.append(made.text)
    return session, texts


@pytest.mark.parametrize("seed", range(8))
async def test_a_server_and_a_wallet_fold_the_same_messages_to_the_same_session(
    seed: int,
    gate: Gate,  # noqa: F811
    reader: LocalWallet,
):
    chance = random.Random(seed)
    for session, texts in [await _said(gate, chance) for _ in range(3)]:
        heard = [*texts, *chance.choices(texts, k=3)]
        chance.shuffle(heard)
        for text in heard:
            assert take(reader.wallet, [text], None).refused == ()

        of_server = (await gate.session(session)).session

        assert reader.get_session(session).session == of_server


async def test_what_two_wallets_sign_makes_the_same_session_at_a_server(gate: Gate, ana: Person, ben: Person):  # noqa: F811
    """The other way round: the server records what the wallets said, and agrees with both."""
    request = ana.asks("120", "--description", "two chairs")
    first, second = ben.text("claim", request, "70"), ben.text("claim", request, "50")
    answers = [ana.text("acknowledge", first), ana.text("acknowledge", second, "--received", "40")]
    ben.run("inbox", "add", *answers)

    await gate.stub.RequestPayment(pb.RequestPaymentRequest(signed_message=request))
    for claim in (first, second):
        await gate.stub.ClaimPayment(pb.ClaimPaymentRequest(signed_message=claim))
    for answer in answers:
        await gate.stub.AcknowledgePayment(pb.AcknowledgePaymentRequest(signed_message=answer))

    at_server = (await gate.session(ana.session())).session
    for person in (ana, ben):
        local = LocalWallet(person.wallet, lambda: PASSPHRASE)
        assert local.get_session(ana.session()).session == at_server
    assert at_server.paid_amount.amount == "110.00"


def test_what_waits_is_folded_in_linear_time() -> None:
    """Eight hundred claims whose request is not here: each was once compared with each."""
    talk = Talk()
    talk.request()
    for _ in range(1600):
        talk.claim(eur("1"))
    taken = {400: inf, 1600: inf}
    for count in [*taken] * 3:
        began = process_time()
        found = conversation(talk.messages[1 : count + 1], HOST)
        taken[count] = min(taken[count], process_time() - began)
        assert len(found.waiting) == count

    assert taken[1600] < 8 * taken[400] + 0.02, "sixteen times as much would be quadratic"
