"""The pictures in docs/pages.md, taken by `make screenshots` and by nothing else."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.web.conftest import People
from tests.web.test_conversation import IBAN, claim

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
PHONE = {"width": 390, "height": 780}


def keep(page: Any, name: str) -> None:
    page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(128).save(FOLDER / f"{name}.png", optimize=True)


def test_every_page_is_taken(people: People) -> None:
    FOLDER.mkdir(exist_ok=True)
    payee, link = people.make_request(iban=IBAN)
    payee.page.set_viewport_size(PHONE)
    payee.page.evaluate("scrollTo(0, 0)")
    keep(payee.page, "made")
    payer = people.meet(viewport=PHONE)
    for name, path in {"index": "/", "new": "/new", "request": link}.items():
        keep(payer.open(path), name)
    night = people.meet(viewport=PHONE, color_scheme="dark")
    night.open(link).locator("#pay").scroll_into_view_if_needed()
    night.page.evaluate("document.getElementById('pay').closest('section').scrollIntoView()")
    keep(night.page, "pay-dark")
    claim(payer, "70", "transfer 4711")
    payee.page.click("text=Open your page")
    payee.page.wait_for_selector("button:has-text('Acknowledge')")
    payee.page.evaluate("document.getElementById('said').scrollIntoView()")
    keep(payee.page, "payee")
    payee.page.click("button:has-text('Acknowledge')")
    payer.page.wait_for_selector("a:has-text('Receipt')")
    payer.page.evaluate("document.getElementById('said').scrollIntoView()")
    keep(payer.page, "said")
    payer.page.click("a:has-text('Receipt')")
    payer.page.wait_for_selector(".checks")
    keep(payer.page, "receipt")
    text = payer.page.inner_text("#text")
    night.open("/verify")
    night.page.fill("#text", text)
    night.page.click("button[type=submit]")
    night.page.wait_for_selector(".checks")
    night.page.evaluate("document.getElementById('result').scrollIntoView()")
    keep(night.page, "verify-dark")
