"""Status lists, DID documents and the context, as verifiers anywhere fetch and keep them."""

from __future__ import annotations

import json

import pytest

from services.messages.document import CONTEXT
from services.runtime.refusals import NotFound
from tests.gateway.http.conftest import Web, problem


class NoSuchList(NotFound):
    reason = "STATUS_LIST_NOT_FOUND"


async def test_a_status_list_is_kept_as_long_as_it_says(web: Web) -> None:
    first = await web.client.get("/status-lists/1")
    again = await web.client.get("/status-lists/1", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    web.credentials.listed.credential = '{"list": 2}'
    changed = await web.client.get("/status-lists/1", headers={"If-None-Match": first.headers["etag"]})

    assert web.credentials.asked[0].list_id == "1"
    assert (first.status_code, first.text) == (200, '{"list": 1}')
    assert first.headers["content-type"] == "application/vc"
    assert first.headers["cache-control"] == "public, max-age=60"
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.text) == (200, '{"list": 2}')


async def test_a_head_is_a_get_without_the_body(web: Web) -> None:
    answer = await web.client.head("/status-lists/1")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


async def test_a_status_list_that_is_not_there_is_not_found_and_not_kept(web: Web) -> None:
    async def refuse() -> None:
        raise NoSuchList("there is no such list; take its address from a credential")

    web.credentials.failing = refuse
    answer = await web.client.get("/status-lists/9")

    assert (answer.status_code, problem(answer)["reason"]) == (404, "STATUS_LIST_NOT_FOUND")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("did", "path"),
    [
        ("did:web:pay.example.org", "/.well-known/did.json"),
        ("did:web:pay.example.org%3A8443", "/.well-known/did.json"),
        ("did:web:pay.example.org:payments:eu", "/did.json"),
    ],
)
async def test_the_did_document_is_where_the_did_leads(web: Web, did: str, path: str) -> None:
    web.credentials.document = json.dumps({"id": did})
    answers = {each: await web.client.get(each) for each in ("/.well-known/did.json", "/did.json")}

    found = answers.pop(path)
    [other] = answers.values()
    assert (found.status_code, found.json()) == (200, {"id": did})
    assert found.headers["content-type"] == "application/did+json"
    assert found.headers["cache-control"].startswith("public")
    assert "another address" in problem(other)["detail"]


async def test_a_key_that_is_its_own_did_has_no_document_to_serve(web: Web) -> None:
    answer = await web.client.get("/.well-known/did.json")

    assert answer.status_code == 404
    assert "no did:web" in problem(answer)["detail"]


async def test_the_context_is_served_as_the_credentials_name_it(web: Web) -> None:
    answer = await web.client.get("/contexts/v1")

    assert CONTEXT[1].endswith("/v1")
    assert "PaymentRequestCredential" in answer.json()["@context"]
    assert answer.headers["content-type"] == "application/ld+json"
    assert "max-age=2592000" in answer.headers["cache-control"]
