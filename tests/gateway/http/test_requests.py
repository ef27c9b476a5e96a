"""Requests of every kind of badness, and what surrounds the good ones."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.http import connection
from gateway.http.bodies import StrictRoute
from services.messages.refusals import InvalidField
from tests.gateway.http.conftest import PASS, Web, problem, verdict
from tests.logs import captured


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"verifiableCredential": {"a": NaN}}',
        b'{"verifiableCredential": {"a": 1e5, "a": 2}}',
        b'{"verifiableCredential": {}, "verifiableCredential": {}}',
        b'{"verifiableCredential": {"a": 1e400}}',
        b'{"verifiableCredential": {"a": ' + b"1" * 5000 + b"}}",
        b'{"verifiableCredential": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"verifiableCredential": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b'{"verifiableCredential": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}",
        b'{"verifiableCredential": 5}',
        b'{"verifiableCredential": null}',
        b"{}",
        b'{"verifiableCredential": {}, "options": []}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
async def test_a_body_that_is_not_what_is_asked_for_is_refused(web: Web, body: bytes) -> None:
    answer = await web.send(body)

    assert (answer.status_code, problem(answer)["reason"]) == (400, "INVALID_FIELD")
    assert web.credentials.asked == []


async def test_a_body_of_another_kind_is_refused_so_that_no_form_of_a_foreign_page_is_taken(web: Web) -> None:
    answer = await web.send(b'{"verifiableCredential": {}}', **{"Content-Type": "text/plain"})

    assert answer.status_code == 400
    assert web.credentials.asked == []


async def test_what_a_field_held_is_not_repeated(web: Web) -> None:
    answer = await web.send(b'{"verifiableCredential": {}, "options": {"returnCredential": "secret"}}')

    assert problem(answer)["field"] == "options.returnCredential"
    assert "secret" not in answer.text


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_large_body_is_refused_and_the_connection_goes_on(web: Web, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(16):
            yield b" " * 65536

    content: Any = pieces() if chunked else b" " * 1_048_576
    answer = await web.client.post("/credentials/verify", content=content)

    assert answer.status_code == 413
    assert "262144" in problem(answer)["detail"]
    assert (await web.verify()).status_code == 200


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(web: Web) -> None:
    nowhere = await web.client.get("/credentials/../../etc/passwd")
    wrong = await web.client.delete("/credentials/verify")

    assert (nowhere.status_code, problem(nowhere)["type"]) == (404, "about:blank")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert problem(wrong)["title"] == "Method Not Allowed"


async def test_an_error_of_the_service_keeps_its_reason_and_field(web: Web) -> None:
    async def refuse() -> None:
        raise InvalidField("credential: no; give another", field="credential")

    web.credentials.failing = refuse
    body = problem(await web.verify())

    assert (body["status"], body["reason"], body["field"], body["code"]) == (
        400,
        "INVALID_FIELD",
        "credential",
        "INVALID_ARGUMENT",
    )


async def test_a_fault_shows_nothing_of_our_insides(web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise RuntimeError("a secret inside")

    web.credentials.failing = fail
    answer = await web.verify()

    assert (answer.status_code, problem(answer)["reason"]) == (500, "INTERNAL")
    assert "secret" not in answer.text + "".join(capsys.readouterr())


@pytest.mark.parametrize("seconds_max", [0.3])
async def test_the_deadline_ends_the_call(web: Web) -> None:
    web.credentials.failing = lambda: asyncio.sleep(60)
    answer = await web.verify()

    assert (answer.status_code, problem(answer)["reason"]) == (504, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("seconds_max", [0.3])
async def test_the_deadline_ends_a_body_that_does_not_come(web: Web) -> None:
    async def slowly() -> Any:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    answer = await web.client.post("/credentials/verify", content=slowly())

    assert problem(answer)["reason"] == "DEADLINE_EXCEEDED"


async def test_the_request_id_is_taken_over_and_given_back(web: Web) -> None:
    given = await web.client.get("/nowhere", headers={"x-request-id": "r-1"})
    made = await web.client.get("/nowhere", headers={"x-request-id": "not one\x7f"})

    assert given.headers["x-request-id"] == "r-1"
    assert len(made.headers["x-request-id"]) == 36


async def test_each_request_leaves_one_line_without_what_it_held(web: Web) -> None:
    web.credentials.found.verdict.CopyFrom(verdict(parse=PASS))
    with captured() as lines:
        await web.client.get("/status-lists/private", headers={"x-request-id": "r-1"})
        await web.verify({"name": "private"})
        await web.client.get("/private?private=private")

    assert [(line["method"], line["code"]) for line in lines] == [
        ("GET /status-lists/{list_id}", 200),
        ("POST /credentials/verify", 200),
        ("(no such path)", 404),
    ]
    assert lines[0]["request_id"] == "r-1"
    assert "private" not in json.dumps(lines)


async def test_answers_are_safe_to_open_and_not_kept(web: Web) -> None:
    for answer in (await web.verify(), await web.client.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


async def test_a_head_without_end_is_not_read(web: Web) -> None:
    answer = await _raw(web, b"GET / HTTP/1.1\r\n" + b"X-Filler: " + b"a" * 100_000)

    assert answer.startswith(b"HTTP/1.1 400")


async def test_a_body_with_two_lengths_hides_no_second_request(web: Web) -> None:
    head = b"POST /credentials/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"

    answer = await asyncio.wait_for(_raw(web, head + b"0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n"), 30)

    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHo", b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\nGET /"])
async def test_a_head_that_does_not_come_ends_the_connection(
    web: Web, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS_MAX", 0.2)

    await asyncio.wait_for(_raw(web, begun), 20)


async def _raw(web: Web, content: bytes) -> bytes:
    """What comes back until the other side hangs up."""
    host, _, port = web.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(content)
    try:
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_body_that_is_sent_too_slowly_is_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrictRoute, "seconds_max", 0.2)

    async def slowly() -> Any:
        yield b"{"
        await asyncio.sleep(1.5)
        yield b"}"

    answer = await web.client.post("/credentials/verify", content=slowly())

    assert (answer.status_code, problem(answer)["title"]) == (408, "Request Timeout")


async def test_who_hangs_up_during_the_body_is_no_fault_of_ours(web: Web) -> None:
    head = b"POST /credentials/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"
    with captured() as lines:
        host, _, port = web.url.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        await writer.drain()
        writer.close()
        async with asyncio.timeout(20):
            while not lines:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    assert [(line["event"], line["code"]) for line in lines] == [("call", "CANCELLED")]
