"""A request paid in two parts, by two people with a browser each and nothing else."""

from __future__ import annotations

import re
from typing import Any

from services.codec.qr_reading import texts_in
from tests.processes import Program
from tests.web.conftest import People, Person, taken

IBAN = "DE02120300000000202051"


def claim(payer: Person, amount: str, reference: str) -> None:
    payer.page.fill("#amount", amount)
    payer.page.select_option("#method", "SEPA")
    payer.page.fill("#evidence", reference)
    payer.page.fill("#payer", "Ben")
    payer.page.click("text=Say that I have paid")
    payer.page.wait_for_selector(f".turn.claim:has-text('{reference}')")


def said(page: Any) -> str:
    return re.sub(r"\s+", " ", str(page.inner_text("main"))).replace("\u00a0", " ")


def test_request_claim_partial_and_full_acknowledgement_through_the_pages_alone(
    people: People, product: Program
) -> None:
    payee, link = people.make_request(iban=IBAN)
    payee.open_their_page()
    payer = people.meet()
    payer.open(link)

    claim(payer, "70", "transfer 4711")
    assert "0.00 of 120.00 EUR received" in said(payer.page)
    payee.page.fill("[id=arrived-1]", "69.50")
    payee.page.click("button:has-text('Acknowledge')")
    payer.page.wait_for_selector("text=69.50 of 120.00 EUR received")
    assert "Partly received" in said(payer.page)
    assert payer.page.input_value("#amount") == "120.00"  # What was filled in stays.

    payer.open(link)
    assert payer.page.input_value("#amount") == "50.50"
    claim(payer, "50.50", "transfer 4712")
    payee.page.wait_for_selector("[id=arrived-2]")
    payee.page.click("button:has-text('Acknowledge')")
    payer.page.wait_for_selector("text=120.00 of 120.00 EUR received")
    payer.page.wait_for_selector("text=Everything that was asked for has been received")

    payer.page.click("a:has-text('Receipt') >> nth=1")
    payer.page.wait_for_selector("text=Every check passed")
    assert "The payee received 50.50 EUR" in said(payer.page)
    assert texts_in(taken(payer.page.locator(".qr img"))) == [payer.page.inner_text("#text")]


def test_the_token_is_in_no_address_and_no_log(people: People, product: Program) -> None:
    payee, link = people.make_request()
    token = payee.page.get_attribute("#private", "href").partition("#payee=")[2]
    payee.open_their_page()
    payer = people.meet()
    payer.open(link)
    payer.page.click("text=Say that I have paid")
    payee.page.click("text=It did not arrive")
    payee.page.fill("[id=reason-1]", "nothing came")
    payee.page.click("text=Reject the claim")
    payee.page.wait_for_selector("text=The payee says that the claim is not true")

    assert len(token) > 30
    assert not [address for address in payee.requested if token in address.partition("#")[0]]
    assert token not in payee.page.url
    assert token not in payer.page.content()
    assert token not in product.log_file.read_text()
    payee.page.reload()
    payee.page.wait_for_selector("text=You are here as the payee")  # Kept while the tab is.
    payee.page.click("text=Leave the payee's view")
    assert not payee.page.is_visible("text=You are here as the payee")


def test_the_payer_is_not_offered_what_only_the_payee_may_do(people: People) -> None:
    _, link = people.make_request()
    payer = people.meet()
    payer.open(link)
    payer.page.click("text=Say that I have paid")
    payer.page.wait_for_selector(".turn.claim")

    for words in ("Acknowledge", "It did not arrive", "Cancel the request"):
        assert not payer.page.is_visible(f"text='{words}'")


def test_a_private_link_that_is_not_right_says_so(people: People) -> None:
    _, link = people.make_request()
    stranger = people.meet()
    stranger.open(f"{link}#payee=guessed")
    stranger.page.click("summary:has-text('Cancel the request')")
    stranger.page.click("button:has-text('Cancel the request for good')")

    stranger.page.wait_for_selector("[role=alert]:has-text('does not belong to this request')")
    stranger.complaints.clear()  # The browser notes the refusal, 403, on its console.


def test_a_link_with_another_token_takes_the_payees_own_only_when_they_say_so(people: People) -> None:
    payee, link = people.make_request()
    payee.open_their_page()
    kept = "Object.values(sessionStorage)"
    own = payee.page.evaluate(kept)
    payee.page.once("dialog", lambda dialog: dialog.dismiss())
    payee.open(f"{link}#payee=junk")
    payee.page.wait_for_function("!location.hash")
    assert len(own) == 1
    assert payee.page.evaluate(kept) == own

    payee.page.once("dialog", lambda dialog: dialog.accept())
    payee.open(f"{link}#payee=other")
    payee.page.wait_for_function(f"{kept}.join() === 'other' && !location.hash")


def test_the_payee_cancels_and_the_payer_sees_it_at_once(people: People) -> None:
    payee, link = people.make_request()
    payer = people.meet()
    payer.open(link)
    payee.open_their_page()
    payee.page.click("summary:has-text('Cancel the request')")
    payee.page.fill("#withdraw-reason", "sold")
    payee.page.click("button:has-text('Cancel the request for good')")

    payer.page.wait_for_selector("text=This request takes no more claims")
    assert not payer.page.is_visible("text=Say that I have paid")


def test_each_method_is_scanned_as_it_is_linked(people: People) -> None:
    _, link = people.make_request(iban=IBAN, bitcoin="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", upi="ana@bank")
    payer = people.meet(device_scale_factor=2)
    page = payer.open(link)
    pictures = page.locator(".method .qr img")
    links = [each.get_attribute("href") for each in page.locator(".method a.button").all()]
    codes = [text for picture in pictures.all() for text in texts_in(taken(picture))]

    assert codes[0] == f"BCD\n002\n1\nSCT\n\nAna\n{IBAN}\nEUR120\n\n\ntwo chairs"
    assert codes[1:] == links


def test_the_countdown_goes_by_the_clock_of_the_server(people: People) -> None:
    _, link = people.make_request()
    payer = people.meet()
    payer.page.add_init_script("const now = Date.now; Date.now = () => now() + 8.64e8")
    page = payer.open(link)
    page.wait_for_function("document.getElementById('countdown').textContent.includes('6 d 23 h')")


def test_copying_takes_the_whole_address(people: People) -> None:
    payee, link = people.make_request()
    payee.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    payee.page.click("[data-copy=link]")
    payee.page.wait_for_selector("[data-copy=link]:has-text('Copied')")

    assert payee.page.evaluate("navigator.clipboard.readText()") == payee.url + link


def test_a_claim_reaches_an_open_page_without_taking_what_is_typed(people: People) -> None:
    payee, link = people.make_request()
    payee.open_their_page()
    payer, other = people.meet(), people.meet()
    payer.open(link)
    payer.page.fill("#evidence", "half a wo")
    other.open(link)
    other.page.click("text=Say that I have paid")

    payer.page.wait_for_selector(".turn.claim")
    payee.page.wait_for_selector(".turn.claim")
    assert payer.page.input_value("#evidence") == "half a wo"
