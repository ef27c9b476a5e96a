"""A browser without scripts: everything but the payee's answers."""

from __future__ import annotations

from services.codec.qr_reading import texts_in
from tests.web.conftest import People, taken


def test_a_payer_gets_as_far_as_the_claim(people: People) -> None:
    payee = people.meet(java_script_enabled=False)
    page = payee.open("/new")
    page.fill("#payee", "Ana")
    page.fill("#amount", "120")
    page.click("button[type=submit]")
    link = page.get_attribute("#link", "href")
    payer = people.meet(java_script_enabled=False)
    page = payer.open(link)
    page.fill("#evidence", "transfer 4711")
    page.fill("#payer", "Ben")
    page.click("text=Say that I have paid")

    assert "Ben says they paid 120.00" in page.inner_text(".turn.claim").replace("\u00a0", " ")
    assert page.url == payer.url + link + "#said"
    assert not page.is_visible("text='Acknowledge'")
    assert not page.is_visible("text='Copy'")
    page.wait_for_selector("text=Open until")


def test_a_text_is_verified_by_the_service(people: People) -> None:
    payee, _ = people.make_request()
    text = payee.page.inner_text("#text")
    picture = taken(payee.page.locator(".qr img"))
    reader = people.meet(java_script_enabled=False)
    page = reader.open("/verify")
    page.fill("#text", text)
    page.click("button[type=submit]")

    page.wait_for_selector("text=Checked by this service")
    page.wait_for_selector("text=Every check passed")
    assert texts_in(picture) == [text]
    page = reader.open("/verify")
    page.set_input_files("#image", {"name": "a.png", "mimeType": "image/png", "buffer": picture})
    page.click("button[type=submit]")
    page.wait_for_selector("text=Every check passed")
