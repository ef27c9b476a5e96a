"""For whoever runs the gateway: whether it lives and can serve, and whom it lets in."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import httpx
import pytest

from services.runtime.settings import BadSetting, Settings, read_settings
from tests.gateway.conftest import serving_both
from tests.gateway.http.conftest import Web, problem
from tests.processes import Program

SHOP = "https://shop.example.org"
BODY = {"amount": "1", "currency": "EUR", "recipient_id": "Ana"}


async def test_one_process_is_ready_when_it_lives(web: Web) -> None:
    lives, ready = await web.client.get("/livez"), await web.client.get("/readyz")

    assert (lives.status_code, lives.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_service_that_does_not_answer_makes_it_not_ready(settings: Settings) -> None:
    settings = settings.model_copy(update={"sessions_address": "127.0.0.1:1", "grace_seconds": 1})
    async with serving_both(settings) as (_, url, _), httpx.AsyncClient(base_url=url) as client:
        lives, ready = await client.get("/livez"), await client.get("/readyz")

    assert lives.status_code == 200
    assert (ready.status_code, problem(ready)["missing"]) == (503, ["sessions"])


def test_a_service_that_answers_makes_it_ready(tmp_path: Path) -> None:
    with (
        Program.start("services.codec", tmp_path / "codec") as codec,
        Program.start("gateway", tmp_path / "gateway", codec_address=codec.address) as gateway,
    ):
        before = httpx.get(f"{gateway.url}/readyz")
        codec.kill()
        after = httpx.get(f"{gateway.url}/readyz")

    assert (before.status_code, after.status_code, after.json()["missing"]) == (200, 503, ["codec"])


async def test_scripts_of_other_origins_are_let_in_by_a_setting_only(settings: Settings, web: Web) -> None:
    asking = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    closed = await web.client.options("/paymentRequest", headers=asking)
    settings = settings.model_copy(update={"http_cors_origins": (SHOP,), "grace_seconds": 1})
    async with serving_both(settings) as (_, url, _), httpx.AsyncClient(base_url=url) as client:
        opened = await client.options("/paymentRequest", headers=asking)
        stranger = await client.options("/paymentRequest", headers={**asking, "Origin": "https://evil.example.org"})
        answer = await client.post("/paymentRequest", json=BODY, headers={"Origin": SHOP})
        refused = await client.post("/paymentRequest", json={}, headers={"Origin": SHOP})

    assert "access-control-allow-origin" not in closed.headers
    assert "access-control-allow-origin" not in stranger.headers
    assert {each.headers["access-control-allow-origin"] for each in (opened, answer, refused)} == {SHOP}
    assert "access-control-allow-credentials" not in opened.headers
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "value", ["shop.example.org", "https://shop.example.org/", "https://a.org,null", "https://[::1]"]
)
def test_what_is_no_origin_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_HTTP_CORS_ORIGINS", value)
    with pytest.raises(BadSetting, match="COUNTERFOIL_HTTP_CORS_ORIGINS"):
        read_settings()


async def test_a_thousand_bodies_that_do_not_come_keep_nobody_waiting(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    head = b"POST /paymentRequest HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    with Program.start("gateway", tmp_path) as program:
        host, _, port = program.url.removeprefix("http://").partition(":")
        slow = [await asyncio.open_connection(host, int(port)) for _ in range(1000)]
        for _, writer in slow:
            writer.write(head)
        async with httpx.AsyncClient(base_url=program.url, timeout=30) as client:
            answers = [await asyncio.wait_for(client.post("/paymentRequest", json=BODY), 9) for _ in range(5)]
        first = await asyncio.wait_for(slow[0][0].readline(), 60)
        for _, writer in slow:
            writer.close()

    assert {answer.status_code for answer in answers} == {200}
    assert first == b"HTTP/1.1 408 Request Timeout\r\n"
