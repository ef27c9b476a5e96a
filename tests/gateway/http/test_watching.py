"""Following a session over HTTP: events, and waiting for a change."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.http import sessions
from tests.gateway.conftest import Gate
from tests.gateway.http.conftest import problem
from tests.gateway.http.rest import Rest
from tests.processes import Program

NOBODYS = "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"


@pytest.fixture
async def rest(both: Gate) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient(base_url=both.url, timeout=30) as client:
        yield Rest(client)


Take = Callable[[int], Awaitable[list[dict[str, str]]]]


@asynccontextmanager
async def _events(rest: Rest, asked: Any, last_event_id: str = "") -> AsyncIterator[Take]:
    """Gives the next so many, comments and the first line about reconnecting included."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with rest.client.stream("GET", f"/session/{asked['session_id']}/events", headers=headers) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = answer.aiter_lines()

        async def event() -> dict[str, str]:
            fields: dict[str, str] = {}
            while line := await anext(lines):
                name, _, value = line.partition(":")
                fields[name] = value.strip()
            return fields

        async def take(count: int) -> list[dict[str, str]]:
            return [await event() for _ in range(count)]

        yield take


async def test_the_session_comes_first_and_then_every_change(rest: Rest) -> None:
    asked = await rest.request()
    async with _events(rest, asked) as take:
        retry, first = await take(2)
        await rest.acknowledge(asked, await rest.claim(asked, "70"))
        claimed, booked = await take(2)

    assert retry == {"retry": "2000"}
    assert [each["id"] for each in (first, claimed, booked)] == ["1", "2", "3"]
    assert "message" not in json.loads(first["data"])
    assert json.loads(claimed["data"])["message"]["type"] == "sent"
    assert json.loads(claimed["data"])["session"]["paid_amount"] == "0.00"
    assert json.loads(booked["data"])["session"]["paid_amount"] == "70.00"


async def test_who_was_away_gets_what_they_missed(rest: Rest) -> None:
    asked = await rest.request()
    await rest.acknowledge(asked, await rest.claim(asked, "70"))
    async with _events(rest, asked, last_event_id="1") as take:
        _, second, third = await take(3)

    assert [second["id"], third["id"]] == ["2", "3"]


async def test_silence_is_broken_by_comments(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "HEARTBEAT_SECONDS", 0.05)
    asked = await rest.request()
    async with _events(rest, asked, last_event_id="1") as take:
        events = await take(4)

    assert events[1:] == [{"": ""}] * 3


async def test_a_stream_is_not_ended_by_the_deadline_of_calls(both: Gate, rest: Rest) -> None:
    """Pitfall: the time that a call may take is 3 s here, for events and for waiting."""
    from tests.gateway.conftest import serving_both

    settings = both.settings.model_copy(
        update={"deadline_seconds_max": 3.0, "data_dir": both.settings.data_dir / "other"}
    )
    async with serving_both(settings) as (_, url, _), httpx.AsyncClient(base_url=url, timeout=30) as client:
        quick = Rest(client)
        asked = await quick.request()
        tag = (await client.get(f"/session/{asked['session_id']}")).headers["etag"]
        async with _events(quick, asked) as take:
            await take(2)
            waiting = asyncio.create_task(_wait(quick, asked, tag, 20))
            await asyncio.sleep(3.5)
            assert not waiting.done()
            await quick.claim(asked)

            assert (await take(1))[0]["id"] == "2"
            assert (await waiting).json()["sequence"] == 2


@pytest.mark.parametrize(
    ("session_id", "last_event_id", "status"),
    [(NOBODYS, "", 404), (NOBODYS, "5", 404), ("nonsense", "", 400), (NOBODYS, "-1", 400)],
)
async def test_what_cannot_be_watched_is_refused_and_not_begun(
    rest: Rest, session_id: str, last_event_id: str, status: int
) -> None:
    answer = await rest.client.get(f"/session/{session_id}/events", headers={"Last-Event-ID": last_event_id})

    assert (answer.status_code, problem(answer)["status"]) == (status, status)


def test_a_stop_ends_streams_in_order_and_at_once(tmp_path: Path) -> None:
    with (
        Program.start("gateway", tmp_path, grace_seconds="60") as program,
        httpx.Client(base_url=program.url, timeout=30) as client,
    ):
        body = {"amount": "1", "currency": "EUR", "recipient_id": "Ana"}
        asked = client.post("/paymentRequest", json=body).json()
        with client.stream("GET", f"/session/{asked['session_id']}/events") as answer:
            lines = answer.iter_lines()
            assert [next(lines) for _ in range(3)] == ["retry: 2000", "", "id: 1"]
            started = time.monotonic()
            program.stop()
            list(lines)  # Raises unless the stream ends as HTTP says it does.

        assert time.monotonic() - started < 30
        assert "fault" not in program.log


async def _wait(rest: Rest, asked: Any, tag: str, seconds: int) -> httpx.Response:
    return await rest.client.get(
        f"/session/{asked['session_id']}", params={"wait": seconds, "etag": tag}, timeout=seconds + 30
    )


async def test_what_one_has_is_not_sent_again(rest: Rest) -> None:
    asked = await rest.request()
    first = await rest.client.get(f"/session/{asked['session_id']}")
    again = await rest.client.get(
        f"/session/{asked['session_id']}", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    )
    await rest.claim(asked)
    changed = await rest.client.get(f"/session/{asked['session_id']}", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (changed.status_code, changed.json()["sequence"]) == (200, 2)
    assert changed.headers["etag"] != first.headers["etag"]


async def test_waiting_ends_with_the_change(rest: Rest) -> None:
    asked = await rest.request()
    tag = (await rest.client.get(f"/session/{asked['session_id']}")).headers["etag"]
    waiting = asyncio.create_task(_wait(rest, asked, tag, 30))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await rest.claim(asked)

    assert (await asyncio.wait_for(waiting, 20)).json()["sequence"] == 2


async def test_waiting_without_a_change_ends_with_304(rest: Rest) -> None:
    asked = await rest.request()
    tag = (await rest.client.get(f"/session/{asked['session_id']}")).headers["etag"]

    assert (await _wait(rest, asked, tag, 1)).status_code == 304


async def test_the_expiry_is_a_change_for_who_has_the_session(both: Gate, rest: Rest) -> None:
    asked = await rest.request()
    tag = (await rest.client.get(f"/session/{asked['session_id']}")).headers["etag"]
    both.clock.ahead = timedelta(days=8)

    assert (await _wait(rest, asked, tag, 30)).json()["status"] == "expired"
