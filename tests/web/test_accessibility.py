"""Every page, light and dark, for people with screen readers, keyboards and small phones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import People, Person
from tests.web.test_conversation import IBAN, claim


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pages(people: People, scheme: str) -> Iterator[tuple[str, Any]]:
    """Each page in the state in which it shows most."""
    payee, link = people.make_request(iban=IBAN, bitcoin="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", other="Cash")
    payee.page.emulate_media(color_scheme=scheme)
    yield "made", payee.page
    payer = people.meet(color_scheme=scheme)
    for path in ("/", "/new", "/verify", link):
        yield path, payer.open(path)
    payer.page.fill("#amount", "seventy")
    payer.page.click("text=Say that I have paid")
    payer.page.wait_for_selector("[role=alert]")
    payer.complaints.clear()  # The browser notes the refusal, 400, on its console.
    yield "refused", payer.page
    claim(payer, "70", "transfer 4711")
    payee.open_their_page()
    payee.page.wait_for_selector("button:has-text('Acknowledge')")
    yield "payee", payee.page
    payee.page.click("button:has-text('Acknowledge')")
    payer.page.wait_for_selector("a:has-text('Receipt')")
    yield "acknowledged", payer.page
    payer.page.click("a:has-text('Receipt')")
    payer.page.wait_for_selector(".checks")
    yield "receipt", payer.page
    text = payer.page.inner_text("#text")
    payer.open("/verify")
    payer.page.fill("#text", text)
    payer.page.click("button[type=submit]")
    payer.page.wait_for_selector(".checks")
    yield "verified", payer.page
    payer.open("/r/01a1fd93-cc46-73ba-9b6e-e3af8b68b8ad")
    payer.complaints.clear()
    yield "error", payer.page


def test_axe_finds_nothing_and_no_page_is_wider_than_a_small_phone(people: People, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe, found, wide, names = Axe(), [], [], []
    for name, page in pages(people, scheme):
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        violations = axe.run(page).response["violations"]
        found += [(name, each["id"], each["nodes"][0]["html"]) for each in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
        names.append(name)

    assert found == []
    assert wide == []
    assert len(names) == 11


def test_a_claim_is_made_with_the_keyboard_alone(people: People) -> None:
    _, link = people.make_request()
    payer: Person = people.meet()
    page = payer.open(link)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "evidence":
            break
    page.keyboard.type("transfer 4711")
    page.keyboard.press("Enter")

    page.wait_for_selector(".turn.claim:has-text('transfer 4711')")


def test_large_letters_need_no_scrolling_to_the_side(people: People) -> None:
    """WCAG 2.2, 1.4.10: 320 pixels, which is 1280 at four times the size."""
    _, link = people.make_request(iban=IBAN)
    reader = people.meet(viewport={"width": 320, "height": 256})
    for path in ("/", "/new", "/verify", link):
        assert not reader.open(path).evaluate("document.documentElement.scrollWidth > innerWidth"), path
