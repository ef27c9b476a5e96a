"""Money is an integer of the smallest unit, read from and written as a decimal text."""

from __future__ import annotations

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.messages.currencies import DECIMALS
from services.messages.money import MINOR_UNITS_MAX, Money
from services.messages.refusals import InvalidAmount, UnknownCurrency


@pytest.mark.parametrize(
    ("amount", "currency", "minor_units", "canonical"),
    [
        ("120", "EUR", 12000, "120.00"),
        ("120.5", "EUR", 12050, "120.50"),
        ("0.01", "EUR", 1, "0.01"),
        ("7", "JPY", 7, "7"),
        ("0.00000001", "BTC", 1, "0.00000001"),
        ("1.2345", "CLF", 12345, "1.2345"),
        ("10000000000000", "EUR", MINOR_UNITS_MAX, "10000000000000.00"),
    ],
)
def test_an_amount_is_read_exactly(amount: str, currency: str, minor_units: int, canonical: str) -> None:
    money = Money.parse(amount, currency)

    assert money.minor_units == minor_units
    assert money.amount == canonical


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "0",
        "0.00",
        "-1",
        "+1",
        "1e5",
        "NaN",
        "inf",
        "1.234",
        "1,5",
        "1 000",
        "01",
        "1.",
        ".5",
        "0x10",
        "\u0661",
        "1\n",
        "10000000000000.01",
    ],
)
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidAmount) as raised:
        Money.parse(amount, "EUR", "amount")

    assert raised.value.field == "amount.amount"


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "XTS", "XAU", "E R"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money.parse("1", currency)


@given(st.integers(1, MINOR_UNITS_MAX), st.sampled_from(sorted(DECIMALS)))
def test_writing_and_reading_gives_the_same_money(minor_units: int, currency: str) -> None:
    money = Money(minor_units, currency)

    assert Money.parse(money.amount, currency) == money


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(AssertionError):
        Money.parse("1", "EUR") + Money.parse("1", "USD")


def test_the_table_holds_every_currency_in_use_with_its_decimals() -> None:
    in_use = {each.code: each.exponent for each in iso4217.Currency if each.exponent is not None}
    for test_code in ("XTS", "XXX"):
        in_use.pop(test_code, None)

    assert in_use.items() <= DECIMALS.items()
