"""The pages of a message, and those that verify what somebody was sent."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from counterfoil.credentials.v1 import credentials_service_pb2 as credentials_pb
from gateway.pages.words import texts
from services.codec.qr_reading import texts_in
from tests.gateway.conftest import Gate
from tests.gateway.pages.conftest import BITCOIN, Browser, words


async def test_a_message_is_there_as_page_credential_text_and_picture(browser: Browser) -> None:
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id, "70")
    receipt = (await browser.gate.acknowledge(asked.payee_token, claimed.text)).receipt
    at = f"/r/{asked.session.id}/{receipt.message_id}"

    page = words(await browser.get(at))
    files = {form: await browser.get(f"{at}.{form}") for form in ("json", "txt", "png", "svg")}

    assert "The payee received 70.00 EUR" in page
    assert page.count(" Yes ") == 11
    assert "Genuine Every check passed." in page
    assert json.loads(files["json"].text) == json.loads(receipt.json)
    assert texts_in(files["png"].content) == [files["txt"].text.strip()]
    assert files["svg"].headers["content-type"] == "image/svg+xml"
    assert "attachment" in files["json"].headers["content-disposition"]
    assert (await browser.get(f"{at}.exe")).status_code == 404


async def test_a_claim_has_no_page_that_looks_like_a_receipt(browser: Browser) -> None:
    """Pitfall 16: a page of success that is no proof of payment."""
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id)

    page = words(await browser.get(f"/r/{asked.session.id}/{claimed.credential.message_id}"))

    assert texts()["claim_word"] in page
    assert texts()["verdict"]["claim_hint"] in page
    assert "The payee received" not in page


async def test_what_is_not_verified_is_not_shown_as_proof(browser: Browser) -> None:
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id, "70")
    answered = await browser.gate.acknowledge(asked.payee_token, claimed.text)
    before = words(await browser.get(f"/r/{asked.session.id}"))
    await _revoke_the_key(browser.gate, answered.receipt)
    after = words(await browser.get(f"/r/{asked.session.id}"))
    page = words(await browser.get(f"/r/{asked.session.id}/{answered.receipt.message_id}"))

    assert "The payee received 70.00 EUR" in before
    assert texts()["request"]["not_signed"] in after
    assert texts()["request"]["holds_not"] in after
    assert "The payee received" not in after
    assert texts()["verdict"]["refuted"] in page


async def _revoke_the_key(gate: Gate, credential: Any) -> None:
    method = json.loads(credential.json)["proof"]["verificationMethod"]
    await gate.credentials.RevokeKey(credentials_pb.RevokeKeyRequest(verification_method=method))


async def test_a_method_without_a_link_has_no_picture(browser: Browser) -> None:
    asked = await browser.gate.request(methods=[{"method": "BTC", "details": {"wallet": BITCOIN}}, {"method": "Cash"}])
    at = f"/r/{asked.session.id}/method"

    found = [(await browser.get(f"{at}/{place}.svg")).status_code for place in (0, 1, 2, 3)]
    assert found == [404, 200, 404, 404]


async def test_a_text_is_verified(browser: Browser) -> None:
    asked = await browser.gate.request()

    answer = await browser.post("/verify", {"text": f"Hi! {asked.text} Thanks, Ana"})

    assert "Genuine" in words(answer)
    assert "Ana asks for 120.00 EUR" in words(answer)
    assert "Checked by this service" in words(answer)
    assert f'href="/r/{asked.session.id}"' in answer.text


async def test_a_picture_is_verified(browser: Browser) -> None:
    asked = await browser.gate.request(qr_format="QR_FORMAT_PNG")

    answer = await browser.client.post("/verify", data={"text": ""}, files={"image": ("a.png", asked.qr_image)})

    assert "Ana asks for 120.00 EUR" in words(answer)


async def test_a_whole_conversation_is_kept_and_verified_in_one_text(browser: Browser) -> None:
    asked = await browser.gate.request()
    claimed = await browser.gate.claim(asked.session.id, "70")
    await browser.gate.acknowledge(asked.payee_token, claimed.text)
    at = f"/r/{asked.session.id}/conversation"
    text, picture = await browser.get(f"{at}.txt"), await browser.get(f"{at}.png")

    page = words(await browser.post("/verify", {"text": text.text}))

    assert texts_in(picture.content) == [text.text.strip()]
    assert "Genuine Every check passed. The whole conversation" in page
    said = [page.find(each) for each in ("Ana asks for", "claimed Somebody says", "The payee received 70.00 EUR")]
    assert -1 < said[0] < said[1] < said[2]
    assert (await browser.get(f"{at}.exe")).status_code == 404


async def test_what_does_not_fit_one_text_is_told_so(browser: Browser) -> None:
    asked = await browser.gate.request()
    answer = await browser.get(f"/r/{asked.session.id}/conversation.txt")

    assert (answer.status_code, texts()["reasons"]["NO_DOSSIER"] in words(answer)) == (409, True)


async def test_what_is_no_message_is_told_so(browser: Browser) -> None:
    answer = await browser.post("/verify", {"text": "<b>CF1nonsense"})

    assert answer.status_code == 400
    assert texts()["verify"]["unreadable"] in words(answer)
    assert "<b>CF1" not in answer.text


async def test_a_message_that_nobody_signed_is_shown_as_that(browser: Browser) -> None:
    asked = await browser.gate.request(format="TEXT_FORMAT_CLASSIC")
    message = json.loads(zlib.decompress(base64.b64decode(asked.text)))
    del message["vc"]
    answer = await browser.post(
        "/verify", {"text": base64.b64encode(zlib.compress(json.dumps(message).encode())).decode()}
    )

    assert texts()["verify"]["unsigned"] in words(answer)
    assert texts()["verdict"]["accepted"] not in words(answer)
    assert "120.00" in words(answer)
