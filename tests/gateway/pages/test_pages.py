"""The pages as a browser without scripts has them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from gateway.flows import Payments
from gateway.pages.words import texts
from services.runtime.settings import Settings
from tests.gateway.conftest import serving_both
from tests.gateway.pages.conftest import ASKED, BITCOIN, BROWSER, Browser, words


async def asked_by_form(browser: Browser, **fields: str) -> tuple[str, str]:
    """The session and the payee's token, from the page that says them."""
    answer = await browser.post("/new", {**ASKED, **fields})
    assert answer.status_code == 200, words(answer)
    found = re.search(r'/r/([0-9a-f-]{36})#payee=([\w-]+)"', answer.text)
    assert found
    return found[1], found[2]


async def paid(browser: Browser, session_id: str) -> str:
    return str((await browser.gate.session(session_id)).session.paid_amount.amount)


@pytest.mark.parametrize("path", ["/", "/new", "/verify", "/r/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad"])
async def test_no_page_holds_a_script_or_style_of_its_own_and_none_is_framed(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(
        r"<style|\sstyle=|\son\w+=|<script(?! type=\"application/json\"| type=\"module\" src=)", answer.text
    )


async def test_a_form_makes_a_request_and_tells_the_payee_what_to_keep(browser: Browser) -> None:
    session_id, token = await asked_by_form(browser, iban="DE02120300000000202051", other="Cash", other_how="at noon")
    session = (await browser.gate.session(session_id)).session
    request = session.request.request

    assert (request.payee.handle, request.description) == ("Ana", "two chairs")
    assert [each.method for each in request.methods] == ["SEPA", "Cash"]
    assert dict(request.methods[1].details) == {"how": "at noon"}
    assert session.expire_time.seconds - session.create_time.seconds == 7 * 24 * 3600
    claimed = await browser.gate.claim(session_id)
    assert (await browser.gate.acknowledge(token, claimed.text)).session.paid_amount.amount == "120.00"


async def test_a_form_that_is_sent_twice_makes_one_request(browser: Browser) -> None:
    request_id = "2f1c3b52-6d0a-4e39-9d7c-0b3f1a6f7c11"

    first = await asked_by_form(browser, request_id=request_id)

    assert await asked_by_form(browser, request_id=request_id) == first
    other = await browser.post("/new", {**ASKED, "request_id": request_id, "amount": "121"})
    assert (other.status_code, texts()["reasons"]["IDEMPOTENCY_CONFLICT"] in words(other)) == (409, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "12,50"}, "Not an amount of EUR"),
        ({"amount": ""}, "Not an amount of EUR"),
        ({"currency": "EURO"}, "Not a currency"),
        ({"payee": ""}, "Empty; give a text"),
        ({"payee": "Ana\u202egro.knab"}, "directional or invisible"),  # Pitfall 21.
        ({"iban": "DE03120300000000202051"}, texts()["new"]["wrong"]["iban"]),
        ({"bitcoin": BITCOIN[:-1] + "b"}, texts()["new"]["wrong"]["bitcoin"]),
        ({"upi": "ana"}, texts()["new"]["wrong"]["upi"]),
    ],
)
async def test_a_form_with_a_mistake_comes_back_as_it_was_filled_in(
    browser: Browser, fields: dict[str, str], sentence: str
) -> None:
    answer = await browser.post("/new", {**ASKED, "description": "two chairs & a table", **fields})

    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'value="two chairs &amp; a table"' in answer.text
    assert 'aria-invalid="true"' in answer.text or "currency" in fields
    assert await browser.gate.sessions() == []


async def test_what_people_type_is_taken_in_the_form_that_messages_have(browser: Browser) -> None:
    session_id, _ = await asked_by_form(browser, payee="  Zoe\u0308  ", amount=" 120 ")

    request = (await browser.gate.session(session_id)).session.request.request
    assert request.payee.handle == "Zo\u00eb"


async def test_the_request_page_shows_what_is_asked_and_how_to_pay(browser: Browser) -> None:
    session_id, _ = await asked_by_form(browser, iban="DE02120300000000202051", bitcoin=BITCOIN, other="Cash")
    page = await browser.get(f"/r/{session_id}")
    shown = words(page)

    assert "Ana asks for 120.00 EUR" in shown
    assert "Waiting for payment 0.00 of 120.00 EUR received" in shown
    assert "Signed by this service" in shown
    assert f'href="bitcoin:{BITCOIN}?label=Ana&amp;message=two%20chairs"' in page.text
    assert page.text.count("/method/") == 2


async def test_the_words_of_strangers_are_no_html_and_no_link(browser: Browser) -> None:
    hostile = "<script>alert(1)</script> https://phishing.example {{ 7 * 7 }} {who}"
    asked = await browser.gate.request(description=hostile, methods=[{"method": "<b>BTC", "details": {"url": hostile}}])
    await browser.claim(asked, evidence=hostile, payer='"><img src=x onerror=alert(1)>', custom_method="<i>cash")
    page = await browser.get(f"/r/{asked.session.id}")
    claim = (await browser.gate.session(asked.session.id)).session.claims[0].message
    receipt = await browser.get(f"/r/{asked.session.id}/{claim.id}")

    for answer in (page, receipt):
        assert hostile in words(answer)
        assert not re.search(r"<(script>|b>|img src=x|i>)", answer.text)
        assert 'href="https://phishing' not in answer.text
        assert "49" not in re.findall(r"7 \* 7[^<]*", answer.text)[0]


async def test_a_claim_is_shown_as_claimed_and_books_nothing(browser: Browser) -> None:
    asked = await browser.gate.request()

    answer = await browser.claim(asked, evidence="transfer 4711", payer="Ben", custom_method="Cash")

    assert answer.history[0].status_code == 303
    assert "claimed Ben says they paid 70.00 EUR" in words(answer)
    assert "0.00 of 120.00 EUR received" in words(answer)
    assert await paid(browser, asked.session.id) == "0.00"


async def test_a_claim_with_a_mistake_comes_back_and_one_sent_twice_counts_once(browser: Browser) -> None:
    asked = await browser.gate.request()
    request_id = "2f1c3b52-6d0a-4e39-9d7c-0b3f1a6f7c11"

    wrong = await browser.claim(asked, amount="seventy", evidence="transfer 4711", request_id=request_id)
    for _ in range(2):
        await browser.claim(asked, evidence="transfer 4711", request_id=request_id)

    assert wrong.status_code == 400
    assert 'value="seventy"' in wrong.text
    assert 'value="transfer 4711"' in wrong.text
    assert len((await browser.gate.session(asked.session.id)).session.claims) == 1


async def test_after_the_cancellation_the_page_takes_no_claim(browser: Browser) -> None:
    asked = await browser.gate.request()
    token = {"Authorization": f"Bearer {asked.payee_token}"}

    cancelled = await browser.post(f"/r/{asked.session.id}/cancel", {"reason": "sold"}, **token)
    late = await browser.claim(asked)

    assert "Cancelled The payee withdrew the request" in words(cancelled)
    assert "Reason: sold" in words(cancelled)
    assert "/claim" not in cancelled.text
    assert late.status_code == 409
    assert "cancelled" in words(late).lower()


async def test_only_the_token_in_the_header_answers_for_the_payee(browser: Browser) -> None:
    asked = await browser.gate.request()
    other = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id)

    for what in ("acknowledge", "reject", "cancel"):
        none = await browser.answer(what, claimed, "", payee_token=asked.payee_token)
        wrong = await browser.answer(what, claimed, other.payee_token)
        assert (none.status_code, wrong.status_code) == (401, 403)
        assert texts()["reasons"]["PAYEE_TOKEN_REQUIRED"] in words(none)
        assert "www-authenticate" not in none.headers  # A browser would ask for a password.
    assert await paid(browser, asked.session.id) == "0.00"


async def test_the_payee_acknowledges_what_arrived(browser: Browser) -> None:
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id, "70")

    answer = await browser.answer("acknowledge", claimed, asked.payee_token, amount="69.50")
    again = await browser.answer("acknowledge", claimed, asked.payee_token, amount="69.50")

    assert "Acknowledged The payee received 69.50 EUR" in words(answer)
    assert "Partly received 69.50 of 120.00 EUR received" in words(answer)
    assert again.status_code == 409
    assert await paid(browser, asked.session.id) == "69.50"


async def test_the_payee_rejects_a_claim(browser: Browser) -> None:
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id, "70")

    answer = await browser.answer("reject", claimed, asked.payee_token, reason="nothing came")

    assert "Rejected The payee says that the claim is not true" in words(answer)
    assert "Reason: nothing came" in words(answer)


async def test_a_claim_of_another_request_is_not_answered_here(browser: Browser) -> None:
    asked, other = await browser.gate.request(), await browser.gate.request()
    claimed = await browser.gate.claim(other.session.id)

    headers = {"Authorization": f"Bearer {asked.payee_token}"}
    answer = await browser.post(
        f"/r/{asked.session.id}/acknowledge", {"claim_id": claimed.credential.message_id}, **headers
    )

    assert answer.status_code == 404
    assert await paid(browser, other.session.id) == "0.00"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://other.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": "http://[not an address"},
    ],
)
async def test_a_form_of_another_site_is_not_taken(browser: Browser, headers: dict[str, str]) -> None:
    asked = await browser.gate.request()

    for path in ("/new", f"/r/{asked.session.id}/claim", "/verify"):
        answer = await browser.post(path, {**ASKED, "text": asked.text}, **headers)
        assert (answer.status_code, "another site" in words(answer)) == (403, True)
    assert len(await browser.gate.sessions()) == 1
    assert not (await browser.gate.session(asked.session.id)).session.claims


async def test_a_browser_without_sec_fetch_is_known_by_its_origin(browser: Browser) -> None:
    answer = await browser.post("/new", ASKED, **{"Sec-Fetch-Site": "", "Origin": browser.gate.url})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/r/not-a-session", 400),
        ("/r/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad", 404),
        ("/r/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad", 404),
    ],
)
async def test_an_error_is_a_page_for_a_browser_and_a_problem_for_a_program(
    browser: Browser, path: str, status: int
) -> None:
    page = await browser.get(path)
    problem = await browser.get(path, Accept="application/json")

    assert (page.status_code, problem.status_code) == (status, status)
    assert texts()["error"]["title"] in words(page)
    assert problem.headers["content-type"] == "application/problem+json"


async def test_a_fault_is_a_page_without_our_insides(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("a secret inside")

    monkeypatch.setattr(Payments, "get_session", fail)
    answer = await browser.get("/r/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad")

    assert (answer.status_code, texts()["reasons"]["INTERNAL"] in words(answer)) == (500, True)
    assert "secret" not in answer.text


async def test_a_body_that_is_too_large_is_a_page_too(browser: Browser) -> None:
    answer = await browser.post("/new", {**ASKED, **{f"more-{each}": "x" * 60_000 for each in range(6)}})

    assert (answer.status_code, texts()["http"]["413"] in words(answer)) == (413, True)


@pytest.mark.parametrize("body", [b"--x", b"--x\r\nContent-Disposition: form-data; name=", b"\0\xff" * 999])
async def test_a_form_that_is_none_is_refused(browser: Browser, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.client.post("/verify", content=body, headers=headers)

    assert answer.status_code == 400


async def test_only_the_files_of_the_pages_are_served(browser: Browser) -> None:
    page = await browser.get("/verify")
    version = re.search(r"/static/([0-9a-f]{16})/static/page.css", page.text)[1]  # type: ignore[index]

    script = await browser.get(f"/static/{version}/reader/index.js")
    old = await browser.get("/static/0000/static/page.css")

    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    for path in (
        "static/../static.py",
        "static/%2e%2e/static.py",
        "/etc/passwd",
        "reader/package.json",
        "reader/../../x.js",
    ):
        assert (await browser.get(f"/static/{version}/{path}")).status_code == 404


async def test_no_address_is_made_of_the_host_that_the_caller_names(browser: Browser) -> None:
    """Pitfall 16: Host-header-built URLs."""
    answer = await browser.post("/new", ASKED, Host="phishing.example")

    assert answer.status_code == 200
    assert "phishing" not in answer.text


async def test_behind_a_proxy_addresses_begin_with_the_public_url(settings: Settings) -> None:
    settings = settings.model_copy(update={"public_url": "https://pay.example.org/payments", "grace_seconds": 1})
    async with serving_both(settings) as (_, url, _), httpx.AsyncClient(base_url=url, headers=BROWSER) as client:
        headers = {"Sec-Fetch-Site": "", "Origin": "https://pay.example.org"}
        page = await client.post("/new", data=ASKED, headers=headers)
        session_id = re.search(r'href="/payments/r/([0-9a-f-]{36})"', page.text)[1]  # type: ignore[index]
        picture = await client.get(f"/r/{session_id}/link.svg")

    assert f">https://pay.example.org/payments/r/{session_id}<" in page.text
    assert 'src="/payments/static/' in page.text
    assert not re.search(r'(href|src|action)="/(?!payments/)', page.text)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")


async def test_a_service_that_does_not_know_its_address_draws_none(browser: Browser) -> None:
    asked = await browser.gate.request()

    assert (await browser.get(f"/r/{asked.session.id}/link.svg")).status_code == 404
