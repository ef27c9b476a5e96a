"""Every refusal of the error table is reached over gRPC, and leaves no trace."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

import services.codec.wiring
import services.credentials.wiring
import services.sessions.wiring  # noqa: F401 - with these, every refusal class is known
from counterfoil.messages.v1 import error_reason_pb2
from services.runtime.refusals import refusals
from services.runtime.status import reason_of
from tests.gateway.attempts import ATTEMPTS, CLASSIC, Attempt, reject
from tests.gateway.conftest import Gate, money
from tests.gateway.credential_attempts import CREDENTIAL_ATTEMPTS
from tests.gateway.message_attempts import MESSAGE_ATTEMPTS, classic
from tests.gateway.signed_attempts import SIGNED_ATTEMPTS

ROOT = Path(__file__).parents[2]
ALL = ATTEMPTS + CREDENTIAL_ATTEMPTS + MESSAGE_ATTEMPTS + SIGNED_ATTEMPTS


@pytest.mark.parametrize(("reason", "attempt"), [pytest.param(r, a, id=f"{r}: {n}") for r, n, a in ALL])
async def test_it_is_refused_with_a_reason_and_leaves_no_trace(gate: Gate, reason: str, attempt: Attempt) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await attempt(gate)

    info = reason_of(raised.value)
    assert info is not None, raised.value
    assert (info.reason, info.domain) == (reason, "counterfoil")
    expected = {each.reason: each.code for each in refusals()}[reason]
    assert raised.value.code().name == expected
    assert len(raised.value.details() or "") > 20, "a sentence that says what to do"
    if attempt.__name__ == "<lambda>":
        assert await gate.sessions() == []


async def test_what_is_refused_leaves_no_trace_in_the_session(gate: Gate) -> None:
    asked = await gate.request()
    claimed = await gate.claim(asked.session.id, "12", format=CLASSIC)
    before = await gate.session(asked.session.id)
    vc = json.loads(claimed.credential.json)
    vc["credentialSubject"]["amount"]["value"] = "120.00"
    attempts: list[Awaitable[Any]] = [
        gate.claim(asked.session.id, "-1"),
        gate.claim(asked.session.id, "1", qr_format=77),
        gate.acknowledge("", claimed.text),
        gate.acknowledge("wrong", claimed.text),
        gate.acknowledge(asked.payee_token, claimed.text[:-40]),
        gate.acknowledge(asked.payee_token, classic(claimed.text, vc=vc, amount="120.00")),
        gate.acknowledge(asked.payee_token, claimed.text, received_amount=money("0")),
        gate.acknowledge(asked.payee_token, claimed.text, received_amount=money("12", "USD")),
        gate.acknowledge(asked.payee_token, claimed.text, format=77),
        reject(gate, asked, str(uuid4())),
    ]
    for attempt in attempts:
        with pytest.raises(grpc.aio.AioRpcError):
            await attempt

    assert await gate.session(asked.session.id) == before


def test_every_reason_of_the_contract_has_a_class_an_attempt_and_a_row_in_the_docs() -> None:
    names = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    contract = {name.removeprefix("ERROR_REASON_") for name in names} - {"UNSPECIFIED"}
    classes = {each.reason: each for each in refusals()}
    documented = _documented()

    assert set(classes) == contract
    assert {reason for reason, _, _ in ALL} == contract
    assert documented == {each.reason: (each.code, each.http_status) for each in classes.values()}


def test_the_contract_names_the_same_codes() -> None:
    text = (ROOT / "protos/counterfoil/messages/v1/error_reason.proto").read_text()
    stated = {reason: code for code, reason in re.findall(r"// \[([A-Z_]+)\][^=]*?ERROR_REASON_([A-Z_]+) =", text)}

    assert stated == {each.reason: each.code for each in refusals()}


def _documented() -> dict[str, tuple[str, int]]:
    text = (ROOT / "docs/errors.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| (\d+) \|", text, re.MULTILINE)
    return {reason: (code, int(http)) for reason, code, http in rows}
