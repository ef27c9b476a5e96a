"""An example of each body of the REST API. A test sends them, with the ids of a real session in their place."""

from __future__ import annotations

from typing import Any

# Nobody's.
SESSION_ID = "0197f2b0-8c1e-7a53-9d0c-2f6b1e4a7c55"
CLAIM_ID = "0197f2b1-1b0d-7c3e-8f4a-5d6e7f8091a2"
PAYEE_TOKEN = "the payee_token that /paymentRequest answered"  # noqa: S105
# A request of a stranger, from the test vectors.
TEXT = (
    "CF1651ZRYFJLZTDYVZ20DJYF2S99HMOTONL314ZI3J1K826PQZUFWYQ4DS6C38S8C8WEAEOV50MTURRQ5ZPZ34HE837D5XP219BW"
    "Y3GKPATWA4YR17S9G1ZKD3FNT3YW0J8YHEJJP0SRGP5H4LBMGNYR8WG4CZ69OVQO4BYY305QE43009AI25ZQEKRQRSZCCMX6A2T5"
    "OQKCTEHUILQMP4S73J6MN8JMI47BHR2ZAF3XUXI6EJ4B86Q0T2TYP50C2230BFWDAXQF0EKU13TDFS0OMPMBQX9RNYL7WWL07VZG"
    "59MVGOD22MSZRLS2VOI185FP9DJSMMI1WVKWFKJCWVHTGE2G"
)

PAYMENT_REQUEST: dict[str, Any] = {
    "amount": "120.00",
    "currency": "EUR",
    "recipient_id": "Ana",
    "description": "two chairs",
    "preferences": [
        {"method": "SEPA", "iban": "DE02120300000000202051"},
        {"method": "BTC", "wallet": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
    ],
    "format": "COMPACT",
    "qr_format": "PNG",
}
PAYMENT_SENT: dict[str, Any] = {
    "session_id": SESSION_ID,
    "paid_amount": "70.00",
    "transaction_proof": "reference 4711",
    "custom_method": "cash",
    "payer_id": "Ben",
}
PAYMENT_RECEIVED: dict[str, Any] = {"payee_token": PAYEE_TOKEN, "encoded_message": TEXT}
CLAIM_REJECTED: dict[str, Any] = {
    "session_id": SESSION_ID,
    "claim_id": CLAIM_ID,
    "payee_token": PAYEE_TOKEN,
    "reason": "nothing arrived",
}
REQUEST_CANCELLED: dict[str, Any] = {
    "session_id": SESSION_ID,
    "payee_token": PAYEE_TOKEN,
    "reason": "sold",
}
MESSAGE_TO_DECODE: dict[str, Any] = {"encoded_message": TEXT}
