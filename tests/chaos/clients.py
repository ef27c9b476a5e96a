"""Payees and payers who write down what they are told, and ask again under the same request_id when they are not."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from counterfoil.payments.v1 import payments_service_pb2 as pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from counterfoil.sessions.v1 import session_pb2
from services.runtime.channels import KEEPALIVE, RECONNECTING
from tests.chaos.gate import Gate
from tests.chaos.ledger import ANSWERED, Conversation, Ledger, Told
from tests.faults.parties import OPTIONS, a_claim, a_request, an_acknowledgement, eur, why

CALL_SECONDS = 5.0
# A call that was to be over by then, and was not.
OVERDUE_SECONDS = CALL_SECONDS + 10.0
PAUSE_SECONDS_MAX = 0.06
AGAIN_SECONDS = 0.05
GIVES_UP = 0.05
ASKS_AGAIN = 0.1
RETRIED = ("UNAVAILABLE", "DEADLINE_EXCEEDED")


class GaveUp(Exception):
    """The client left: it knows not whether the call took effect, or the answer was wrong and is a finding."""


class Refused(Exception):
    """As it was to be."""


def connect(address: str) -> grpc.aio.Channel:
    """A connection of its own, made again soon after it was lost."""
    return grpc.aio.insecure_channel(
        address, [*OPTIONS, *RECONNECTING, *KEEPALIVE, ("grpc.use_local_subchannel_pool", 1)]
    )


class Client:
    def __init__(self, channel: grpc.aio.Channel, ledger: Ledger, gate: Gate, chance: random.Random) -> None:
        self._payments: Any = PaymentsServiceStub(channel)
        self._ledger = ledger
        self._gate = gate
        self._chance = chance
        # When it made the last call, and the last that was answered.
        self.began_at = self.answered_at = 0.0

    async def run(self) -> None:
        while True:
            request = a_request(self._chance.randrange(100, 1_000_00), **self._expiry())
            # Written down before, as below: a client that is gone has made the call all the same.
            self._ledger.unopened.append(request)
            with suppress(GaveUp):
                conversation = Conversation([await self._ask("RequestPayment", request)])
                self._ledger.unopened.remove(request)
                self._ledger.conversations.append(conversation)
                await self._converse(conversation)

    async def _converse(self, conversation: Conversation) -> None:
        for _ in range(self._chance.randrange(1, 4)):
            if conversation.opened.session.expire_time.ToDatetime(UTC) <= datetime.now(UTC):
                return  # It was opened by a clock that was set back.
            claim = await self._say(conversation, "ClaimPayment", a_claim(conversation.id, self._cents()))
            if self._chance.random() < 0.8:
                await self._acknowledge(conversation, claim)
            elif self._chance.random() < 0.5:
                await self._reject(conversation, claim)
        if self._chance.random() < 0.2 and self._may_cancel(conversation):
            await self._cancel(conversation)

    async def _acknowledge(self, conversation: Conversation, claim: Any) -> None:
        token = conversation.opened.payee_token
        more = {"received_amount": eur(self._cents())} if self._chance.random() < 0.2 else {}
        await self._say(conversation, "AcknowledgePayment", an_acknowledgement(token, claim.text, **more))
        if self._chance.random() < 0.1:
            await self._be_refused(
                "CLAIM_ALREADY_ACKNOWLEDGED", "AcknowledgePayment", an_acknowledgement(token, claim.text)
            )

    async def _reject(self, conversation: Conversation, claim: Any) -> None:
        await self._say(
            conversation,
            "RejectClaim",
            pb.RejectClaimRequest(
                request_id=a_request().request_id,
                payee_token=conversation.opened.payee_token,
                session_id=conversation.id,
                claim_id=claim.credential.message_id,
                reason="nothing came",
            ),
        )

    async def _cancel(self, conversation: Conversation) -> None:
        await self._say(
            conversation,
            "CancelRequest",
            pb.CancelRequestRequest(
                request_id=a_request().request_id,
                payee_token=conversation.opened.payee_token,
                session_id=conversation.id,
            ),
        )
        await self._be_refused("SESSION_CANCELLED", "ClaimPayment", a_claim(conversation.id))

    def _may_cancel(self, conversation: Conversation) -> bool:
        return bool(conversation.told[-1].answer.session.status != session_pb2.SESSION_STATUS_RECEIVED)

    def _expiry(self) -> dict[str, Duration]:
        """Now and then so short that a wrong clock takes the session for expired."""
        return {"ttl": Duration(seconds=1800)} if self._chance.random() < 0.2 else {}

    def _cents(self) -> int:
        return self._chance.randrange(1, 1_000_00)

    async def _say(self, conversation: Conversation, method: str, request: Any) -> Any:
        """The answer, which is in the ledger."""
        conversation.in_doubt.append(request)
        told = await self._ask(method, request)
        conversation.in_doubt.remove(request)
        conversation.told.append(told)
        return told.answer

    async def _ask(self, method: str, request: Any) -> Told:
        await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS_MAX))
        async with self._gate.inside():
            told = Told(method, request, await self._insist(method, request))
        if self._chance.random() < ASKS_AGAIN:
            async with self._gate.inside():
                again = await self._insist(method, request, gives_up=0)
            if not told.is_answered_by(again):
                self._ledger.find(f"{method} {told.request_id}: another answer to the same request")
        return told

    async def _be_refused(self, reason: str, method: str, request: Any) -> None:
        async with self._gate.inside():
            try:
                await self._insist(method, request, gives_up=0, refused=reason)
            except Refused:
                return
        self._ledger.find(f"{method} {request.request_id}: answered, where {reason} was due")

    async def _insist(self, method: str, request: Any, *, gives_up: float = GIVES_UP, refused: str = "") -> Any:
        while True:
            self.began_at = time.monotonic()
            try:
                answer = await getattr(self._payments, method)(request, timeout=CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                self._note_refusal(method, request, error, refused)
            else:
                self._note_answer()
                return answer
            if self._chance.random() < gives_up:
                raise GaveUp
            await asyncio.sleep(AGAIN_SECONDS)

    def _note_refusal(self, method: str, request: Any, error: grpc.aio.AioRpcError, expected: str) -> None:
        """Raises for everything but what says to try again.

        A session that has not expired may be taken for it as long as a clock is wrong, and no longer.
        """
        code, reason = why(error)
        took = time.monotonic() - self.began_at
        if took > OVERDUE_SECONDS:
            self._ledger.find(f"{method} {request.request_id}: answered {code} after {took:.1f} s")
        if expected and reason == expected:
            self._note_answer()
            raise Refused
        self._ledger.codes[code] += 1
        if code not in RETRIED and reason != "SESSION_EXPIRED":
            self._ledger.find(f"{method} {request.request_id}: {code} {reason}: {error.details()}")
            raise GaveUp

    def _note_answer(self) -> None:
        self._ledger.codes[ANSWERED] += 1
        self.answered_at = self.began_at
