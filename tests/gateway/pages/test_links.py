"""Payment links with the values of their own specifications, and no link for what would send money astray."""

from __future__ import annotations

import re
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from gateway.pages.links import bitcoin, drawing, ether, link_of, sepa, stellar, upi
from gateway.pages.links.asked import Asked

# The address in BIP-21's own examples does not bear its checksum out; this one, of the first block, does.
BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
STELLAR = "GCALNQQBXAPZ2WIRSDDBMSTAKCUH5SG6U76YBFLQLIXJTF7FE5AX7AOO"
ISSUER = "GCRCUE2C5TBNIPYHMEP7NK5RWTT2WBSZ75CMARH7GDOHDDCQH3XANFOB"
IBAN = "DE02120300000000202051"


def asked(**changes: str) -> Asked:
    return Asked(**{"payee": "Ana", "amount": "120.00", "currency": "EUR", "description": "two chairs", **changes})


def url(link: Any) -> str:
    assert link
    assert link.code == link.url
    return str(link.url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ""),
        ({"label": "Luke-Jr"}, "?label=Luke-Jr"),
        ({"amount": "20.3", "label": "Luke-Jr"}, "?amount=20.3&label=Luke-Jr"),
        (
            {"amount": "50", "label": "Luke-Jr", "message": "Donation for project xyz"},
            "?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz",
        ),
    ],
)
def test_a_bitcoin_link_is_written_as_in_the_examples_of_bip_21(given: dict[str, str], expected: str) -> None:
    assert url(bitcoin.link(BITCOIN, **given)) == f"bitcoin:{BITCOIN}{expected}"


@pytest.mark.parametrize(
    "address",
    [
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    ],
)
def test_the_addresses_of_bip_350_are_known(address: str) -> None:
    assert bitcoin.is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        BITCOIN.replace("f", "g"),
        "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",  # A test network.
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # BIP-350: checked as version 0 is.
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",  # A program of the wrong size.
        "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
        "bc1gmk9yu",
        "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",  # Both cases.
        f"{BITCOIN}?amount=1",
        f"{BITCOIN}&label=x",
        "javascript:alert(1)//xxxxxxxxxxxxxxxx",
        "1" * 10_000,
        "ä" * 30,
    ],
)
def test_what_is_no_bitcoin_address_has_no_link(address: str) -> None:
    assert bitcoin.link(address) is None


def test_a_stellar_link_is_written_as_in_the_examples_of_sep_7() -> None:
    lumens = stellar.link(STELLAR, amount="120.1234567", memo="skdjfasf", message="pay me with lumens")
    asset = stellar.link(STELLAR, amount="120.123", asset="USD", issuer=ISSUER, memo="hasysda987fs")

    assert url(lumens) == (
        f"web+stellar:pay?destination={STELLAR}&amount=120.1234567&memo=skdjfasf&memo_type=MEMO_TEXT"
        "&msg=pay%20me%20with%20lumens"
    )
    assert url(asset) == (
        f"web+stellar:pay?destination={STELLAR}&amount=120.123&asset_code=USD&asset_issuer={ISSUER}"
        "&memo=hasysda987fs&memo_type=MEMO_TEXT"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"destination": STELLAR.replace("GCAL", "GCAM")},
        {"destination": "SCZANGBA5YHTNYVVV4C3U252E2B6P6F5T3U6MM63WBSBZATAQI3EBTQ4"},  # SEP-23: a secret seed.
        {"destination": STELLAR[:-1]},
        {"destination": STELLAR + "\n"},
        {"asset": "USDC"},
        {"asset": "USDC", "issuer": "GCRC"},
        {"asset": "TOO-LONG-OR-NOT-A-CODE", "issuer": ISSUER},
        {"issuer": ISSUER},
        {"memo": "longer than the 28 bytes it may have"},
        {"memo": "-1", "memo_type": "id"},
        {"memo": "18446744073709551616", "memo_type": "id"},
        {"memo": "abcd", "memo_type": "hash"},
        {"memo": "a", "memo_type": "poem"},
    ],
)
def test_what_a_stellar_wallet_would_pay_elsewhere_has_no_link(wrong: dict[str, str]) -> None:
    assert stellar.link(**{"destination": STELLAR, **wrong}) is None


def test_a_girocode_holds_the_lines_of_the_example_in_epc069_12() -> None:
    code = sepa.code_of(
        "Red Cross of Belgium", "BE72 0000 0000 1616", amount="1", bic="BPOTBEB1", remittance="Urgency fund"
    )

    assert code == "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\n\n\nUrgency fund"


def test_a_creditor_reference_is_no_remittance_text() -> None:
    code = sepa.code_of("Ana", IBAN, remittance="RF18 5390 0754 7034")

    assert code == f"BCD\n002\n1\nSCT\n\nAna\n{IBAN}\n\n\nRF18539007547034"
    assert not sepa.is_creditor_reference("RF19 5390 0754 7034")


def test_a_girocode_has_at_most_331_bytes() -> None:
    code = sepa.code_of("ä" * 70, IBAN, amount="12.5", remittance="ö" * 140)

    assert code == f"BCD\n002\n1\nSCT\n\n{'ä' * 70}\n{IBAN}\nEUR12.5"
    assert len((sepa.code_of("Ana", IBAN, remittance="x" * 140) or "").encode()) <= sepa.PAYLOAD_BYTES_MAX


@pytest.mark.parametrize(
    ("name", "iban", "bic"),
    [
        ("Ana", "DE03120300000000202051", ""),
        ("Ana", "", ""),
        ("Ana", IBAN + "\nEUR1", ""),
        ("", IBAN, ""),
        ("A" * 71, IBAN, ""),
        ("Ana\nDE71110220330123456789", IBAN, ""),  # Pitfall 21: a line break begins another field.
        ("Ana\r", IBAN, ""),
        ("Ana\u2028", IBAN, ""),
        ("Ana", IBAN, "DEUTDE"),
        ("Ana", "CH9300762011623852957", ""),  # Outside of the European Economic Area the BIC is needed.
    ],
)
def test_what_no_bank_would_take_has_no_girocode(name: str, iban: str, bic: str) -> None:
    assert sepa.code_of(name, iban, bic=bic) is None


@pytest.mark.parametrize(
    ("amount", "line"),
    [("0.01", "EUR0.01"), ("12.30", "EUR12.3"), ("120.00", "EUR120"), ("999999999.99", "EUR999999999.99")],
)
def test_a_girocode_names_the_amount_within_its_bounds(amount: str, line: str) -> None:
    link = link_of("SEPA", {"iban": IBAN}, asked(amount=amount))

    assert link
    assert link.code.split("\n")[7] == line
    assert link_of("SEPA", {"iban": IBAN}, asked(amount="1000000000.00")) is None


def test_a_upi_link_is_written_as_in_the_examples_of_the_specification() -> None:
    link = upi.link("nadeem@npci", "nadeem chinna", amount="1010", note="Pay to mystar store")

    assert url(link) == "upi://pay?pa=nadeem@npci&pn=nadeem%20chinna&tn=Pay%20to%20mystar%20store&am=1010&cu=INR"


@pytest.mark.parametrize(
    "address", ["", "nadeem", "nadeem@", "na@d@npci", "nadeem@npci&am=1", "nadeem@npci\n", "@npci"]
)
def test_what_is_no_upi_address_has_no_link(address: str) -> None:
    assert upi.link(address, "nadeem") is None


@pytest.mark.parametrize(
    "address",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_the_addresses_of_eip_55_are_known(address: str) -> None:
    assert url(ether.link(address)) == f"ethereum:{address}@1"
    assert url(ether.link(address.lower())) == f"ethereum:{address}@1"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed?value=1",
        "pay-0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ],
)
def test_what_is_no_ether_address_has_no_link(address: str) -> None:
    assert ether.link(address) is None


def test_another_chain_is_named() -> None:
    address = "0x52908400098527886E0F7030069857D2E4169EE7"

    assert url(ether.link(address, chain="10")) == f"ethereum:{address}@10"
    assert ether.link(address, chain="1/transfer") is None


@pytest.mark.parametrize(
    ("method", "details", "begins"),
    [
        ("BTC", {"wallet": BITCOIN}, f"bitcoin:{BITCOIN}?label=Ana&message=two%20chairs"),
        ("Bitcoin", {"address": BITCOIN}, "bitcoin:"),
        ("XLM", {"wallet": STELLAR}, f"web+stellar:pay?destination={STELLAR}&msg="),
        ("USDC", {"wallet": STELLAR, "issuer": ISSUER}, f"web+stellar:pay?destination={STELLAR}&asset_code=USDC"),
        ("Bank transfer", {"iban": "DE02 1203 0000 0000 2020 51"}, "BCD\n002"),
        ("UPI", {"vpa": "ana@bank"}, "upi://pay?pa=ana@bank&pn=Ana"),
        ("ETH", {"wallet": "0xde709f2102306220921060314715629080e2fb77"}, "ethereum:0x"),
    ],
)
def test_a_method_is_known_by_its_name_or_its_keys(method: str, details: dict[str, str], begins: str) -> None:
    link = link_of(method, details, asked())

    assert link
    assert link.code.startswith(begins)


@pytest.mark.parametrize(
    ("method", "details"),
    [
        ("Cash", {}),
        ("LTC", {"wallet": BITCOIN}),  # Its addresses can look the same.
        ("USDT", {"wallet": "0xde709f2102306220921060314715629080e2fb77"}),  # No ether, whatever holds it.
        ("Stellar", {"wallet": STELLAR}),  # EUR, of which no issuer is known.
        ("XLM", {"wallet": STELLAR, "memo_type": "poem", "memo": "x"}),
        ("BTC", {"wallet": "javascript:alert(1)"}),
        ("Link", {"url": "https://phishing.example"}),
    ],
)
def test_what_is_not_known_for_certain_has_no_link(method: str, details: dict[str, str]) -> None:
    assert link_of(method, details, asked()) is None


def test_an_amount_is_named_in_its_own_currency_only() -> None:
    details = {"wallet": BITCOIN}

    assert "amount=0.0015&" in url(link_of("BTC", details, asked(amount="0.00150000", currency="BTC")))
    assert "amount" not in url(link_of("BTC", details, asked()))


def test_a_hostile_description_stays_one_parameter() -> None:
    link = link_of("BTC", {"wallet": BITCOIN}, asked(description='x&amount=9#"><script>'))

    assert url(link).endswith("&message=x%26amount%3D9%23%22%3E%3Cscript%3E")


@pytest.mark.parametrize("code", [f"bitcoin:{BITCOIN}", "BCD\n002\n1\nSCT\n\nMüller & Söhne\nDE02120300000000202051"])
def test_what_is_drawn_reads_back_at_level_m(code: str) -> None:
    svg = drawing.draw(code).decode()
    side = int(re.search(r'width="(\d+)"', svg)[1])  # type: ignore[index]
    picture = Image.new("L", (side, side), 255)
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", svg):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + int(height)))
    [found] = zxingcpp.read_barcodes(picture)

    assert (found.text, found.ec_level) == (code, "M")
