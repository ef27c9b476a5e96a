"""What any text, amount or message can be refused for."""

from __future__ import annotations

from services.runtime.refusals import InvalidArgument


class InvalidAmount(InvalidArgument):
    reason = "INVALID_AMOUNT"


class UnknownCurrency(InvalidArgument):
    reason = "UNKNOWN_CURRENCY"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"{field}: not a currency; use an upper-case ISO 4217 code such as EUR, or BTC, USDC, USDT, XLM",
            field=field,
        )


class InvalidText(InvalidArgument):
    reason = "INVALID_TEXT"


class InvalidField(InvalidArgument):
    reason = "INVALID_FIELD"


class MalformedMessage(InvalidArgument):
    reason = "MALFORMED_MESSAGE"

    def __init__(self, what: str) -> None:
        super().__init__(f"not a Counterfoil message: {what}; ask the sender to send it again")


class InvalidPageToken(InvalidArgument):
    reason = "INVALID_PAGE_TOKEN"

    def __init__(self) -> None:
        super().__init__("page_token: not from this listing; pass next_page_token as it came", field="page_token")


class FormatNotSupported(InvalidArgument):
    reason = "FORMAT_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("text: of a newer form than is read here; ask for it in the format CLASSIC", field="text")
