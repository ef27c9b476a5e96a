"""Exact amounts of money: integers of the currency's smallest unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.messages.currencies import DECIMALS
from services.messages.refusals import InvalidAmount, UnknownCurrency

# So that a thousand amounts still add up within 64 bits.
MINOR_UNITS_MAX = 10**15

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,8}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    minor_units: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str, field: str = "amount") -> Money:
        """Reads a positive decimal number such as "120" or "120.50". Raises InvalidAmount or UnknownCurrency."""
        if currency not in DECIMALS:
            raise UnknownCurrency(f"{field}.currency")
        decimals = DECIMALS[currency]
        match = _AMOUNT.fullmatch(amount) if len(amount) <= 32 else None
        fraction = (match[2] or "") if match else ""
        minor_units = int(match[1] + fraction.ljust(decimals, "0")) if match and len(fraction) <= decimals else 0
        if not 0 < minor_units <= MINOR_UNITS_MAX:
            raise InvalidAmount(
                f'{field}: not an amount of {currency}; write a positive number such as "{_example(decimals)}", '
                f"with at most {decimals} decimals, no sign and no exponent",
                field=f"{field}.amount",
            )
        return cls(minor_units, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def amount(self) -> str:
        """The canonical decimal text, with all of the currency's decimals."""
        decimals = DECIMALS[self.currency]
        if not decimals:
            return str(self.minor_units)
        digits = str(self.minor_units).rjust(decimals + 1, "0")
        return f"{digits[:-decimals]}.{digits[-decimals:]}"

    def __add__(self, other: Money) -> Money:
        assert self.currency == other.currency, "amounts of two currencies do not add up"
        return Money(self.minor_units + other.minor_units, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def _example(decimals: int) -> str:
    return f"12.{'5'.ljust(decimals, '0')}" if decimals else "12"
