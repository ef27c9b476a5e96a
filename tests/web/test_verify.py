"""The verify page: what it reads itself, and what it asks the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.codec import armour
from tests.web.conftest import People, taken

HERE, THERE = "text=Checked in this browser. Nothing was sent anywhere.", "text=Checked by this service."


def text_of(people: People, **fields: str) -> str:
    payee, _ = people.make_request(**fields)
    return str(payee.page.inner_text("#text"))


def test_a_compact_text_is_verified_in_the_browser_and_nothing_is_sent(people: People) -> None:
    text = text_of(people)
    reader = people.meet()
    page = reader.open("/verify")
    before = len(reader.requested)
    page.fill("#text", f"Hi Ben! {text} Thanks, Ana")
    page.click("button[type=submit]")

    page.wait_for_selector(HERE)
    assert page.is_visible("text=Signed and unaltered")
    assert "Ana asks for 120.00" in page.inner_text("#result").replace("\u00a0", " ")
    assert page.inner_text(".checks li:has-text('Is the signature right?') .outcome") == "Yes"
    assert page.inner_text(".checks li:has-text('Is the signer trusted here?') .outcome") == "Not known"
    assert [each for each in reader.requested[before:] if "/static/" not in each] == []
    page.click("text=Ask this service too")
    page.wait_for_selector(THERE)
    assert page.is_visible("text=Every check passed")


def test_a_whole_conversation_is_shown_message_by_message(people: People) -> None:
    dossiers = json.loads((Path(__file__).parents[1] / "vectors" / "compact" / "dossiers.json").read_text())
    text, messages = next((each["text"], each["messages"]) for each in dossiers if each["verdict"] == "verified")
    reader = people.meet()
    page = reader.open("/verify")
    page.fill("#text", text)
    page.click("button[type=submit]")

    page.wait_for_selector(HERE)
    assert page.is_visible("text=The whole conversation")
    assert page.locator("#result .card").count() == len(messages) > 1
    assert page.locator("#result .tag:has-text('claimed')").count() >= 1
    page.click("#result summary >> nth=0")
    assert page.is_visible("text=Is the signature right?")


def test_a_forged_text_is_told_in_the_browser(people: People) -> None:
    [found] = armour.find(text_of(people))
    assert isinstance(found, bytes)
    content = bytearray(found)
    content[-1] ^= 1  # The signature stands at the end.
    forged = armour.wrap(bytes(content))
    reader = people.meet()
    page = reader.open("/verify")
    page.fill("#text", forged)
    page.click("button[type=submit]")

    page.wait_for_selector(HERE)
    assert page.is_visible("text=Do not rely on this")


@pytest.mark.parametrize("name", ["message", "description"])
def test_what_strangers_wrote_stays_text(people: People, name: str) -> None:
    hostile = '<img src=x onerror="document.title=1"> https://phishing.example'
    text = text_of(people, **{"description": hostile} if name == "description" else {"payee": hostile})
    reader = people.meet()
    page = reader.open("/verify")
    page.fill("#text", text)
    page.click("button[type=submit]")

    page.wait_for_selector(HERE)
    assert hostile in page.inner_text("#result")
    assert page.locator("#result img, #result a").count() == 0


def test_a_picture_goes_to_the_service_where_the_browser_reads_none(people: People) -> None:
    payee, _ = people.make_request()
    picture = taken(payee.page.locator(".qr img"))
    page = people.meet().open("/verify")
    page.set_input_files("#image", {"name": "a.png", "mimeType": "image/png", "buffer": picture})

    page.wait_for_selector(THERE)
    assert page.is_visible("text=Every check passed")
    assert not page.is_visible("text=Use the camera")


def test_the_camera_reads_where_the_browser_can(people: People) -> None:
    text = text_of(people)
    reader = people.meet(permissions=["camera"])
    detector = "window.BarcodeDetector = class { async detect() { return [{ rawValue: %s }]; } };"
    reader.page.add_init_script(detector % json.dumps(text))
    page = reader.open("/verify")
    page.click("text=Use the camera")

    page.wait_for_selector(HERE)
    assert page.is_visible("text=Signed and unaltered")
    assert page.evaluate("document.getElementById('video').srcObject") is None


def test_what_is_no_message_is_told_by_the_service(people: People) -> None:
    reader = people.meet()
    page = reader.open("/verify")
    page.fill("#text", "hello")
    page.click("button[type=submit]")

    page.wait_for_selector("text=This cannot be read")
    assert page.is_visible(THERE)
    reader.complaints.clear()  # The browser notes the refusal, 400, on its console.
