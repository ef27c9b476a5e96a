"""The description of the REST API is true, whole, and needs no other host."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.http import examples
from tests.gateway.conftest import Gate
from tests.gateway.http.rest import Rest


@pytest.fixture
async def rest(both: Gate) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient(base_url=both.url) as client:
        yield Rest(client)


async def test_every_example_of_a_body_runs(rest: Rest) -> None:
    described = (await rest.client.get("/openapi.json")).json()
    asked = await rest.ok("/paymentRequest", **examples.PAYMENT_REQUEST)
    claims = [await rest.claim(asked, str(amount)) for amount in (1, 2)]
    real = {
        examples.SESSION_ID: asked["session_id"],
        examples.PAYEE_TOKEN: asked["payee_token"],
        examples.TEXT: claims[0]["confirmation_message"],
        examples.CLAIM_ID: claims[1]["session"]["claims"][1]["claim_id"],
    }
    sent = []
    for path, operations in described["paths"].items():
        for example in _examples(described, operations.get("post", {})):
            await rest.ok(path, **{name: real.get(str(each), each) for name, each in example.items()})
            sent.append(path)

    assert sent == [
        "/paymentRequest",
        "/paymentSent",
        "/claimRejected",
        "/requestCancelled",
        "/paymentReceived",
        "/decodeMessage",
    ]


async def test_the_example_of_a_message_can_be_read_as_it_stands(rest: Rest) -> None:
    read = await rest.ok("/decodeMessage", **examples.MESSAGE_TO_DECODE)

    assert read["decoded_data"]["type"] == "request"
    assert read["valid"] is False, "it is a stranger's"


def _examples(described: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("oneOf", [schema])[0].get("$ref", "").rpartition("/")[2]
    found: list[dict[str, Any]] = described["components"]["schemas"].get(name, {}).get("examples", [])
    return found


async def test_the_pages_are_not_part_of_the_api(rest: Rest) -> None:
    described = (await rest.client.get("/openapi.json")).json()

    assert "/session/{session_id}/events" in described["paths"]
    assert not [path for path in described["paths"] if path.startswith(("/new", "/r/", "/docs"))]


async def test_the_documentation_comes_from_here_alone(rest: Rest) -> None:
    page = await rest.client.get("/docs")
    policy = page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)

    assert not re.search(r"https?://", page.text)
    assert "unsafe" not in policy
    assert "http" not in policy
    assert len(linked) == 3
    for path in linked:
        answer = await rest.client.get(f"/{path}")
        again = await rest.client.get(f"/{path}", headers={"If-None-Match": answer.headers["etag"]})
        assert (answer.status_code, again.status_code) == (200, 304)
        assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))


@pytest.mark.parametrize("name", ["core.py", "..%2fapplication.py", "redoc.standalone.js", "%00"])
async def test_no_other_file_is_served(rest: Rest, name: str) -> None:
    assert (await rest.client.get(f"/docs/{name}")).status_code == 404
