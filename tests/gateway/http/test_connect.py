"""The gRPC methods over the Connect protocol."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from counterfoil.payments.v1 import payments_service_pb2 as pb
from tests.gateway.conftest import Gate, asking
from tests.gateway.http.conftest import problem
from tests.logs import captured
from tests.processes import Program

SERVICE = "/counterfoil.payments.v1.PaymentsService"
BUF = Path(sys.executable).parent / "buf"
ROOT = Path(__file__).parents[3]
ASKING = {"payee": {"handle": "Ana"}, "amount": {"amount": "120", "currency": "EUR"}}


@pytest.fixture
async def client(both: Gate) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=both.url) as client:
        yield client


async def _call(client: httpx.AsyncClient, method: str, body: Any, **headers: str) -> httpx.Response:
    return await client.post(f"{SERVICE}/{method}", json=body, headers=headers)


async def _start_buf(both: Gate, method: str, body: Any) -> asyncio.subprocess.Process:
    """Another implementation of the protocol."""
    command = [str(BUF), "curl", "--protocol", "connect", "--schema", "protos", "--data", json.dumps(body)]
    return await asyncio.create_subprocess_exec(
        *command,
        f"{both.url}{SERVICE}/{method}",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _buf(both: Gate, method: str, body: Any) -> tuple[int | None, str, str]:
    process = await _start_buf(both, method, body)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_another_implementation_asks_claims_and_reads(both: Gate) -> None:
    """buf sends and reads protobuf."""
    _, out, err = await _buf(both, "RequestPayment", ASKING)
    session = json.loads(out)["session"]
    claim = {"session_id": session["id"], "amount": {"amount": "70", "currency": "EUR"}}
    _, out, err = await _buf(both, "ClaimPayment", claim)

    assert json.loads(out)["session"]["claims"][0]["status"] == "CLAIM_STATUS_PENDING", err


async def test_another_implementation_reads_a_refusal_with_its_details(both: Gate) -> None:
    code, _, err = await _buf(both, "RequestPayment", {**ASKING, "amount": {"amount": "-1", "currency": "EUR"}})

    assert code
    assert json.loads(err)["code"] == "invalid_argument"
    assert json.loads(err)["details"][0]["debug"]["reason"] == "INVALID_AMOUNT"


async def test_another_implementation_watches(both: Gate) -> None:
    asked = await both.request()
    process = await _start_buf(both, "WatchSession", {"session_id": asked.session.id})
    assert process.stdout
    first = await asyncio.wait_for(_one_json(process.stdout), 20)
    await both.claim(asked.session.id)
    second = await asyncio.wait_for(_one_json(process.stdout), 20)
    process.kill()
    await process.wait()

    assert (first["sequence"], second["sequence"]) == ("1", "2")


async def _one_json(reader: asyncio.StreamReader) -> Any:
    text = ""
    while line := await reader.readline():
        text += line.decode()
        try:
            return json.loads(text)
        except ValueError:
            continue
    raise AssertionError(text)


async def test_json_and_protobuf_say_the_same(client: httpx.AsyncClient, both: Gate) -> None:
    request_id = str(uuid4())
    as_json = await _call(client, "RequestPayment", {**ASKING, "requestId": request_id})
    as_proto = await client.post(
        f"{SERVICE}/RequestPayment",
        content=asking(request_id=request_id).SerializeToString(),
        headers={"Content-Type": "application/proto"},
    )
    read = pb.RequestPaymentResponse.FromString(as_proto.content)

    assert as_proto.headers["content-type"] == "application/proto"
    assert (as_json.json()["payeeToken"], as_json.json()["text"]) == (read.payee_token, read.text)
    assert read == await both.request(request_id=request_id)
    assert as_json.headers["x-request-id"]
    assert as_json.headers["content-length"] == str(len(as_json.content))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"payee": ' * 5000, "application/json"),
        (b'{"unknown": 1}', "application/json"),
        (b'{"requestId": "a", "requestId": "b"}', "application/json"),
        (b'{"description": "\\ud83d"}', "application/json"),
        (b"\xff\xff\xff", "application/proto"),
    ],
)
async def test_what_is_no_request_is_refused_with_a_reason(
    client: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    answer = await client.post(f"{SERVICE}/RequestPayment", content=body, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    assert answer.json()["details"][0]["debug"]["reason"] == "INVALID_FIELD"


@pytest.mark.parametrize("content_type", ["text/plain", "application/grpc", "application/grpc-web+proto", "", "a/\xff"])
async def test_another_content_type_is_refused(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post(
        f"{SERVICE}/RequestPayment", content=b"{}", headers={b"Content-Type": content_type.encode("latin-1")}
    )

    assert (answer.status_code, problem(answer)["status"]) == (415, 415)


async def test_nothing_is_unpacked_since_it_could_be_a_bomb(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{SERVICE}/RequestPayment",
        content=gzip.compress(b" " * 50_000_000),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )

    assert answer.json()["code"] == "unimplemented"


async def test_a_large_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{SERVICE}/RequestPayment", content=bytes(13_000_000), headers={"Content-Type": "application/proto"}
    )

    assert (answer.status_code, answer.json()["code"]) == (429, "resource_exhausted")


async def test_the_callers_time_is_kept(client: httpx.AsyncClient) -> None:
    answer = await _call(client, "RequestPayment", ASKING, **{"Connect-Timeout-Ms": "1"})

    assert answer.json()["details"][0]["debug"]["reason"] == "DEADLINE_EXCEEDED"


async def test_headers_in_another_alphabet_do_no_harm(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{SERVICE}/RequestPayment", json=ASKING, headers={b"X-Name": b"\xff\xfe"})

    assert answer.status_code == 200


async def test_a_get_is_no_call(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{SERVICE}/RequestPayment")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_operators_methods_are_here_too_and_guarded(client: httpx.AsyncClient) -> None:
    answer = await client.post("/counterfoil.operator.v1.OperatorService/ListKeys", json={})

    assert (answer.status_code, answer.json()["details"][0]["debug"]["reason"]) == (401, "OPERATOR_TOKEN_REQUIRED")


def _envelope(body: Any) -> bytes:
    content = json.dumps(body).encode()
    return struct.pack(">BI", 0, len(content)) + content


async def test_a_watcher_who_leaves_is_let_go_even_when_nothing_happens(client: httpx.AsyncClient, both: Gate) -> None:
    """Pitfall: the library looks for this only when the session changes, which may be never."""
    asked = await both.request()
    before = len(asyncio.all_tasks())
    headers = {"Content-Type": "application/connect+json"}
    body = _envelope({"sessionId": asked.session.id})
    with captured() as lines:
        async with client.stream("POST", f"{SERVICE}/WatchSession", content=body, headers=headers) as answer:
            assert answer.status_code == 200
            await anext(answer.aiter_raw())
            assert len(asyncio.all_tasks()) > before
        for _ in range(600):
            await asyncio.sleep(0.05)
            if len(asyncio.all_tasks()) <= before:
                break

    assert len(asyncio.all_tasks()) <= before
    assert [line["event"] for line in lines].count("call") == 1
    assert not [line for line in lines if line["level"] in {"warning", "error"}]


def test_a_stop_ends_watchers_in_order(tmp_path: Path) -> None:
    with Program.start("gateway", tmp_path) as program, httpx.Client(base_url=program.url) as client:
        asked = client.post(f"{SERVICE}/RequestPayment", json=ASKING).json()
        headers = {"Content-Type": "application/connect+json"}
        body = _envelope({"sessionId": asked["session"]["id"]})
        with client.stream("POST", f"{SERVICE}/WatchSession", content=body, headers=headers) as answer:
            parts = answer.iter_raw()
            next(parts)
            program.stop()
            ending = b"".join(parts)

    assert ending[0] == 2
    assert json.loads(ending[5:])["error"]["code"] == "unavailable"
